#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/log/kafka_subject.hpp"

using namespace fl;
using namespace fl::log;
using namespace std::chrono_literals;
using contract::record;

TEST_CASE("an append that is not acknowledged in time fails, and the log is over") {
  for (const std::size_t records : {1u, 3u}) {
    CAPTURE(records);
    KafkaSubject subject;
    subject.options.append_timeout = 1ms;  // no broker syncs and answers within it
    const auto log = subject.open();
    Error told;
    int times = 0;
    log->set_failure_listener([&](const Error& error) {
      told = error;
      ++times;
    });
    const std::vector<NewRecord> some(records, record("may be there or not"));
    const auto first = log->append(Stream::ledger, 0, some);
    REQUIRE_FALSE(first);
    CHECK(first.error().kind == ErrorClass::unavailable);
    CHECK(first.error().code == kLogFailed);
    for (const std::size_t more : {1u, 2u}) {
      const auto next = log->append(Stream::jobs, 0, std::vector<NewRecord>(more, record("more")));
      REQUIRE_FALSE(next);
      CHECK(next.error().code == kLogFailed);
    }
    CHECK(times == 1);
    CHECK(told.code == kLogFailed);
    // reading goes on, and what is there of the append is all of it or none
    const auto end = log->end(Stream::ledger, 0);
    REQUIRE(end);
    CHECK((*end == 0 || *end == records));
    // and so does a log that is opened anew
    subject.options.append_timeout = 30s;
    const auto value = record("after");
    CHECK(subject.open()->append(Stream::ledger, 0, {&value, 1}));
  }
}

TEST_CASE("bad settings of the client are refused by name, without their value") {
  KafkaSubject subject;
  subject.options.client = {{"sasl.pasword", "hunter2"}};
  const auto error = subject.refused();
  CHECK(error.kind == ErrorClass::malformed);
  CHECK(error.code == "bad_kafka_settings");
  CHECK(error.field == "sasl.pasword");
  CHECK(error.message.find("hunter2") == std::string::npos);
}
