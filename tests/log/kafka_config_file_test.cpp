#include "core/log/kafka_config_file.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

namespace {

Result<std::map<std::string, std::string>> read(const std::string& text) {
  const test::TempDir dir;
  std::ofstream(dir / "kafka.conf", std::ios::binary) << text;
  return read_kafka_config(dir / "kafka.conf");
}

}  // namespace

TEST_CASE("settings of Kafka's client stand in a file, one a line") {
  const auto settings = read(
      "# who we are\n"
      "security.protocol=SASL_SSL\r\n"
      "\n"
      "  sasl.mechanism = SCRAM-SHA-512 \n"
      "sasl.password=a=b#c d\n"
      "ssl.ca.location=/etc/ca.pem");
  REQUIRE_MESSAGE(settings, (settings ? "" : settings.error().message));
  CHECK(*settings == std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"},
                                                        {"sasl.mechanism", "SCRAM-SHA-512"},
                                                        {"sasl.password", "a=b#c d"},
                                                        {"ssl.ca.location", "/etc/ca.pem"}});
  CHECK(read("")->empty());
}

TEST_CASE("what is wrong in the file is told by its line, and never what stands there") {
  struct Row {
    std::string text;
    std::string line;
  };
  std::string many;
  for (int i = 0; i <= 200; ++i) many += "a" + std::to_string(i) + "=secret\n";
  const Row rows[] = {{"a=1\nsecret\n", "line 2"},
                      {"#\n\n=secret", "line 3"},
                      {"Secret=1", "line 1"},
                      {"secret word=1", "line 1"},
                      {"a=", "line 1"},
                      {"a=1\na=secret", "line 2"},
                      {std::string("a=secret\0", 9), "line 1"},
                      {"a=secret\x1b[2J", "line 1"},
                      {"bootstrap.servers=secret:9092", "line 1"},
                      {many, "line 201"},
                      {std::string(129, 's') + "=secret", "line 1"}};
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto settings = read(row.text);
    REQUIRE_FALSE(settings);
    const auto& error = settings.error();
    CHECK(error.kind == ErrorClass::malformed);
    CHECK(error.code == "bad_kafka_config");
    CHECK(error.message.find("kafka.conf, " + row.line + ":") != std::string::npos);
    CHECK(error.message.find("ecret") == std::string::npos);
  }
}

TEST_CASE("a file of settings that is too large, missing or none is refused") {
  CHECK(read(std::string(kMaxKafkaConfigBytes, '#')));
  const auto large = read(std::string(kMaxKafkaConfigBytes + 1, '#'));
  CHECK((!large && large.error().code == "bad_kafka_config"));
  const test::TempDir dir;
  for (const auto& path : {dir.path(), dir / "missing"}) {
    const auto none = read_kafka_config(path);
    CHECK((!none && none.error().kind == ErrorClass::unavailable));
  }
}
