#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <thread>

#include "tests/log/kafka_subject.hpp"

using namespace fl;
using namespace fl::log;
using namespace std::chrono_literals;

namespace {

/// Whether every key but the last record's has one record only: the last record stands in the open
/// segment, where Kafka never cleans.
bool is_compacted(Log& log) {
  const auto all = contract::read_all(log, Stream::secrets, 0);
  std::set<std::string> keys;
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    if (!keys.insert(all[i].key).second) return false;
  return true;
}

/// Kafka's cleaner comes by itself: the log that was read before is opened anew until it has.
void await_cleaner(const KafkaSubject& subject) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!is_compacted(*subject.open())) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(100ms);  // between looks
  }
}

}  // namespace

TEST_CASE("the log on Kafka keeps every rule of the log's contract") {
  for (const auto& rule : contract::rules()) {
    SUBCASE(rule.fact) {
      KafkaSubject subject;
      // A segment for each small append, so that all but the last may be cleaned at once.
      subject.options.topic_settings[Stream::secrets] = {{"segment.bytes", "120"},
                                                         {"min.cleanable.dirty.ratio", "0"}};
      rule.check({[&] { return subject.open(); }, [&](Log&) { await_cleaner(subject); }});
    }
  }
}
