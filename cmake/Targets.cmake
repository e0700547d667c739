# fanledger_library(NAME SOURCES a.cpp … LINKS x y …): one folder, one target, one honest list.
function(fanledger_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE fanledger_flags)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

# doctest's main, compiled once for all test programs: it is the slowest file of most of them.
add_library(fanledger_test_main OBJECT ${CMAKE_SOURCE_DIR}/tests/support/main.cpp)
target_link_libraries(fanledger_test_main PRIVATE doctest::doctest fanledger_flags)

# The names of the test programs that need a real Kafka: scripts/test starts each with one.
set(FANLEDGER_KAFKA_TESTS ${CMAKE_BINARY_DIR}/kafka-tests.txt)
file(WRITE ${FANLEDGER_KAFKA_TESTS} "")

# fanledger_test(NAME [KAFKA] SOURCES … LINKS …): a doctest program that scripts/test finds in
# bin/tests. KAFKA: it needs a broker, whose address it is given as FANLEDGER_KAFKA.
function(fanledger_test name)
  cmake_parse_arguments(ARG "KAFKA" "" "SOURCES;LINKS" ${ARGN})
  if(ARG_KAFKA)
    file(APPEND ${FANLEDGER_KAFKA_TESTS} "${name}\n")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  # What is tested is optimised; the tests themselves are compiled quickly.
  target_compile_options(${name} PRIVATE -O0)
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} fanledger_test_main doctest::doctest fanledger_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
endfunction()
