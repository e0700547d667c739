#include "core/log/kafka_live_bus.hpp"

#include "tests/log/kafka_subject.hpp"
#include "tests/log/live_bus_contract.hpp"

using namespace fl;
using namespace fl::log;

namespace {

std::unique_ptr<KafkaLiveBus> must_open(const KafkaSubject& subject) {
  auto opened = KafkaLiveBus::open(subject.options);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  return std::move(*opened);
}

}  // namespace

TEST_CASE("the bus on Kafka keeps the contract of the live bus, between two nodes and for one") {
  const KafkaSubject subject;
  const auto here = must_open(subject), there = must_open(subject);
  contract::check_live_bus(*here, *there, std::string("\0\xff", 2));
  contract::check_live_bus(*here, *here, "");
}

TEST_CASE("a node that opens the bus on Kafka later hears nothing of what was said before") {
  const KafkaSubject subject;
  const auto here = must_open(subject);
  contract::Ear ear(*here);
  here->publish("old", "");
  ear.await("old=");
  const auto late = must_open(subject);
  contract::Ear later(*late);
  here->publish("new", "");
  later.await("new=");
  CHECK(later.heard() == std::vector<std::string>{"new="});
}
