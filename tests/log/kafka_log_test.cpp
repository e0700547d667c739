#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/log/kafka_admin.hpp"
#include "core/log/kafka_topics.hpp"
#include "tests/log/kafka_subject.hpp"

using namespace fl;
using namespace fl::log;
using namespace std::chrono_literals;
using contract::record;

namespace {

/// A hand on the cluster beside the log: what an administrator, or a mistake, may do.
class Administrator {
 public:
  explicit Administrator(const KafkaSubject& subject) : subject_(subject) {
    auto client = kafka::connect(subject.options, {});
    REQUIRE(client);
    client_ = std::move(*client);
  }

  void make(const StreamConfig& stream, const kafka::Settings& changed) {
    auto settings = kafka::wanted_settings(subject_.options, stream);
    for (const auto& [name, value] : changed) settings[name] = value;
    REQUIRE(kafka::create(*client_, subject_.topic(stream.stream), {stream.partitions, 1}, settings,
                          kafka::after(30s)));
  }
  void remove(Stream stream) {
    const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
    auto* wanted = rd_kafka_DeleteTopic_new(subject_.topic(stream).c_str());
    rd_kafka_DeleteTopics(client_.get(), &wanted, 1, nullptr, queue.get());
    const kafka::Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 30'000));
    rd_kafka_DeleteTopic_destroy(wanted);
    REQUIRE(event);
    const auto deadline = kafka::after(30s);
    for (bool gone = false; !gone;) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      const auto found = kafka::describe(*client_, subject_.topic(stream), deadline);
      REQUIRE(found);
      gone = !*found;
    }
  }
  /// Deletes the records below an offset.
  void cut_beginning(Stream stream, std::int64_t below) {
    const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, subject_.topic(stream).c_str(), 0)->offset = below;
    auto* wanted = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_DeleteRecords(client_.get(), &wanted, 1, nullptr, queue.get());
    const kafka::Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 30'000));
    rd_kafka_DeleteRecords_destroy(wanted);
    REQUIRE(event);
    REQUIRE(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  const KafkaSubject& subject_;
  kafka::Owned<rd_kafka_t> client_;
};

const StreamConfig kLedger{Stream::ledger, 1, false};

void append_some(Log& log, int count) {
  for (int i = 0; i < count; ++i) {
    const auto value = record("record " + std::to_string(i));
    REQUIRE(log.append(Stream::ledger, 0, {&value, 1}));
  }
}

}  // namespace

TEST_CASE("a topic with a setting that could lose records is refused by name, at every start") {
  struct Row {
    Stream stream;
    const char* name;
    const char* value;
  };
  const Row rows[] = {{Stream::ledger, "cleanup.policy", "compact"},
                      {Stream::ledger, "retention.ms", "604800000"},
                      {Stream::ledger, "retention.bytes", "1000000"},
                      {Stream::ledger, "unclean.leader.election.enable", "true"},
                      {Stream::ledger, "max.message.bytes", "1048588"},
                      {Stream::ledger, "flush.messages", "9223372036854775807"},
                      {Stream::activity, "cleanup.policy", "compact,delete"},
                      {Stream::secrets, "cleanup.policy", "delete"},
                      {Stream::secrets, "max.compaction.lag.ms", "9223372036854775807"},
                      {Stream::secrets, "delete.retention.ms", "1000"}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const KafkaSubject subject;
    for (const auto& stream : contract::streams()) {
      if (stream.stream == row.stream) Administrator(subject).make(stream, {{row.name, row.value}});
    }
    const auto error = subject.refused();
    CHECK(error.kind == ErrorClass::refused);
    CHECK(error.code == "log_config_differs");
    CHECK(error.field == subject.topic(row.stream));
    CHECK(error.message.find(row.name) != std::string::npos);
    CHECK(error.message.find(row.value) != std::string::npos);
  }
}

TEST_CASE("a topic with other partitions, or fewer copies than asked for, is refused") {
  KafkaSubject subject;
  static_cast<void>(subject.open());
  auto streams = contract::streams();
  streams[1].partitions = 5;
  const auto partitions = subject.refused(streams);
  CHECK(partitions.code == "log_config_differs");
  CHECK(partitions.message.find("has 4 partitions and must have 5") != std::string::npos);
  subject.options.replication = 3;
  const auto copies = subject.refused();
  CHECK(copies.code == "log_config_differs");
  CHECK(copies.message.find("has 1 copies and must have 3") != std::string::npos);
}

TEST_CASE("brokers that nobody reaches are an error within the time given") {
  KafkaSubject subject;
  subject.options.bootstrap = "127.0.0.1:1";
  subject.options.open_timeout = 1s;
  const auto began = std::chrono::steady_clock::now();
  const auto error = subject.refused();
  CHECK(error.kind == ErrorClass::unavailable);
  CHECK(error.code == "log_unreachable");
  CHECK(std::chrono::steady_clock::now() - began < 15s);
}

TEST_CASE("what one process appends, another sees, is woken by and told of") {
  const KafkaSubject subject;
  const auto one = subject.open(), other = subject.open();
  std::atomic<Offset> told{0};
  other->set_listener([&](Stream stream, PartitionIndex, Offset end) {
    if (stream == Stream::ledger) told = end;
  });
  for (Offset i = 0; i < 50; ++i) {
    const auto value = record(std::to_string(i));
    REQUIRE(one->append(Stream::ledger, 0, {&value, 1}).value_or(999) == i);
    CHECK(other->end(Stream::ledger, 0).value_or(0) == i + 1);
    REQUIRE(other->wait_beyond(Stream::ledger, 0, i, 10s));
    const auto read = other->read(Stream::ledger, 0, i, 10, 1000);
    REQUIRE((read && read->size() == 1));
    CHECK(read->front() == Record{i, "", std::to_string(i)});
  }
  const auto deadline = kafka::after(10s);
  while (told != 50 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(told == 50);
}

TEST_CASE("appends of several records by several processes are whole and beside each other") {
  const KafkaSubject subject;
  constexpr int kLogs = 3, kAppends = 8, kRecords = 3000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kLogs; ++t) {
    threads.emplace_back([&, t] {
      const auto log = subject.open();
      for (int i = 0; i < kAppends; ++i) {
        const std::string name = std::to_string(t) + "." + std::to_string(i);
        const std::vector<NewRecord> records(kRecords, record(name));
        const auto first = log->append(Stream::activity, 0, records);
        CHECK_MESSAGE(first, (first ? "" : first.error().message));
        if (!first) return;
        const auto again = log->read(Stream::activity, 0, *first, kRecords, 1 << 20);
        CHECK((again && again->size() == kRecords));
        if (!again) return;
        for (const auto& each : *again) CHECK(each.value == name);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto log = subject.open();
  CHECK(log->end(Stream::activity, 0).value_or(0) == kLogs * kAppends * kRecords);
}

TEST_CASE("a log is read from any place while it grows, by more readers than there are places") {
  KafkaSubject subject;
  subject.options.recent_bytes = 1;  // nothing is kept: every read goes to the broker
  append_some(*subject.open(), 200);
  const auto log = subject.open();
  std::array<Offset, 6> reached{};
  std::vector<std::thread> readers;
  for (Offset start = 0; start < 6; ++start) {
    readers.emplace_back([&, start] {
      for (Offset next = start * 30; next < 200;) {
        const auto bite = log->read(Stream::ledger, 0, next, 7, 1 << 20);
        CHECK_MESSAGE(bite, (bite ? "" : bite.error().message));
        if (!bite || bite->empty()) return;
        for (const auto& each : *bite) CHECK(each.offset == next++);
        reached[start] = next;
      }
    });
  }
  for (auto& reader : readers) reader.join();
  for (const auto next : reached) CHECK(next == 200);
}

TEST_CASE("a beginning that was deleted behind our back is damage, at once and at the next start") {
  const KafkaSubject subject;
  const auto log = subject.open();
  append_some(*log, 10);
  Administrator(subject).cut_beginning(Stream::ledger, 5);
  const auto end = log->end(Stream::ledger, 0);
  REQUIRE_FALSE(end);
  CHECK(end.error().code == kLogDamaged);
  CHECK(end.error().message.find("begins at 5") != std::string::npos);
  const auto value = record("more");
  const auto refused = log->append(Stream::ledger, 0, {&value, 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == kLogDamaged);
  CHECK_FALSE(log->read(Stream::ledger, 0, 0, 1, 1));
  CHECK(subject.refused().code == kLogDamaged);
}

TEST_CASE("a topic that was made anew is damage, whether it is shorter, or longer by now") {
  for (const int refilled : {0, 3, 20}) {
    CAPTURE(refilled);
    KafkaSubject subject;
    subject.options.check_interval = 0ms;
    subject.options.read_timeout = 3s;
    const auto log = subject.open();
    Error told;
    log->set_failure_listener([&](const Error& error) { told = error; });
    append_some(*log, 10);
    REQUIRE(log->read(Stream::ledger, 0, 9, 1, 1000));
    Administrator admin(subject);
    admin.remove(Stream::ledger);
    admin.make(kLedger, {});
    {
      const auto forger = subject.open();
      for (int i = 0; i < refilled; ++i) {
        const auto value = record("forged " + std::to_string(i));
        REQUIRE(forger->append(Stream::ledger, 0, {&value, 1}));
      }
    }
    const auto sound = log->check();
    REQUIRE_FALSE(sound);
    CHECK(sound.error().code == kLogDamaged);
    CHECK(sound.error().message.find("made anew") != std::string::npos);
    CHECK(told.code == kLogDamaged);
    CHECK_FALSE(log->end(Stream::ledger, 0));
  }
}

TEST_CASE("a topic that is gone is found by the regular look, and appends are over") {
  KafkaSubject subject;
  subject.options.check_interval = 200ms;
  const auto log = subject.open();
  append_some(*log, 3);
  Administrator(subject).remove(Stream::ledger);
  const auto value = record("more");
  const auto deadline = kafka::after(30s);
  std::string code;
  while (code.empty() && std::chrono::steady_clock::now() < deadline) {
    const auto appended = log->append(Stream::jobs, 0, {&value, 1});
    if (!appended) code = appended.error().code;
  }
  CHECK(code == "log_missing");
}
