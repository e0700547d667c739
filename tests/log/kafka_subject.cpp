#include "tests/log/kafka_subject.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

namespace fl::log {

KafkaSubject::KafkaSubject() {
  const char* broker = std::getenv("FANLEDGER_KAFKA");
  REQUIRE_MESSAGE(broker,
                  "FANLEDGER_KAFKA names no broker: run the test by scripts/test, or by "
                  "'scripts/kafka run -- build/release/bin/tests/kafka_log_test'");
  static int count = 0;
  options.bootstrap = broker;
  options.prefix = "t" + std::to_string(::getpid()) + "-" + std::to_string(std::random_device{}()) +
                   "-" + std::to_string(++count) + ".";
  options.replication = 1;
}

std::unique_ptr<KafkaLog> KafkaSubject::open() const {
  auto opened = KafkaLog::open(contract::streams(), options);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  return std::move(*opened);
}

Error KafkaSubject::refused(std::vector<StreamConfig> streams) const {
  const auto opened = KafkaLog::open(std::move(streams), options);
  REQUIRE_FALSE(opened);
  return opened.error();
}

}  // namespace fl::log
