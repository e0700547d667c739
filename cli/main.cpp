#include <google/protobuf/stubs/logging.h>
#include <sodium.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "cli/cpprest_http_client.hpp"
#include "cli/program.hpp"

int main(int argc, char** argv) {
  using namespace fl;
  if (sodium_init() < 0) {
    std::cerr << "fanledger: the system gives no randomness\n";
    return static_cast<int>(cli::ExitCode::unreachable);
  }
  // What a library warns of is not what was asked for: standard output may be somebody's JSON.
  spdlog::set_default_logger(spdlog::stderr_color_mt("fanledger"));
  // What does not parse is told as a finding, in our own words.
  google::protobuf::SetLogHandler(nullptr);
  cli::Environment env{
      std::cout,
      std::cerr,
      ::isatty(STDERR_FILENO) == 1,
      cli::connect_by_cpprest,
      [] {
        return Instant{std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count()};
      },
      [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); },
  };
  try {
    return static_cast<int>(cli::run({argv + 1, argv + argc}, env));
  } catch (const std::exception& error) {
    std::cerr << "fanledger: " << error.what() << "\n";
    return static_cast<int>(cli::ExitCode::unreachable);
  }
}
