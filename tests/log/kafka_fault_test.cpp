#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/log/kafka_subject.hpp"

using namespace fl;
using namespace fl::log;
using namespace std::chrono_literals;
using contract::record;

TEST_CASE(
    "an append that is not acknowledged in time leaves its outcome unknown, and the log goes on") {
  for (const std::size_t records : {1u, 3u}) {
    CAPTURE(records);
    KafkaSubject subject;
    subject.options.append_timeout = 1ms;  // no broker syncs and answers within it
    const auto log = subject.open();
    int failures = 0;
    log->set_failure_listener([&](const Error&) { ++failures; });
    const std::vector<NewRecord> some(records, record("may be there or not"));
    std::size_t unknown = 0;
    for (int i = 0; i < 3; ++i) {
      const auto first = log->append(Stream::ledger, 0, some);
      if (first) continue;  // by a connection that stands, now and then
      ++unknown;
      CHECK(first.error().kind == ErrorClass::retry);
      CHECK(first.error().code == kAppendUnknown);
    }
    CHECK(unknown > 0);
    CHECK(failures == 0);
    // Each append is there whole or not at all, and may still be on its way.
    const auto there = contract::read_all(*log, Stream::ledger, 0).size();
    CHECK(there % records == 0);
    CHECK(there <= 3 * records);
  }
}

TEST_CASE("records that are appended without waiting keep their order, and each is told of once") {
  KafkaSubject subject;
  const auto log = subject.open();
  constexpr Offset kRecords = 200;
  std::mutex mutex;
  std::condition_variable all;
  std::vector<Offset> told;
  for (Offset i = 0; i < kRecords; ++i) {
    log->append_later(Stream::ledger, 0, record(std::to_string(i)), [&](Result<Offset> first) {
      const std::lock_guard lock(mutex);
      told.push_back(first.value_or(kRecords));
      if (told.size() == kRecords) all.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  REQUIRE(all.wait_for(lock, 60s, [&] { return told.size() == kRecords; }));
  for (Offset i = 0; i < kRecords; ++i) CHECK(told[i] == i);
  const auto values = contract::values_of(contract::read_all(*log, Stream::ledger, 0));
  REQUIRE(values.size() == kRecords);
  for (Offset i = 0; i < kRecords; ++i) CHECK(values[i] == std::to_string(i));
}

TEST_CASE("a log that is closed tells what was under way that its outcome is unknown") {
  KafkaSubject subject;
  std::atomic<int> told = 0;
  {
    const auto log = subject.open();
    for (int i = 0; i < 50; ++i)
      log->append_later(Stream::ledger, 0, record("in a hurry"), [&](Result<Offset>) { ++told; });
  }
  CHECK(told == 50);
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
