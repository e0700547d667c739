#include "tests/log/contract.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace fl::log::contract {

namespace {

using namespace std::chrono_literals;
using Values = std::vector<std::string>;

constexpr std::size_t kAnyBytes = 64 * 1024 * 1024;

Offset must_append(Log& log, Stream stream, PartitionIndex partition,
                   const std::vector<NewRecord>& records) {
  const auto first = log.append(stream, partition, records);
  REQUIRE_MESSAGE(first, (first ? "" : first.error().message));
  return *first;
}

std::string code_of(const Result<Offset>& result) {
  return result ? "" : result.error().code;
}

void keeps_order(const Subject& subject) {
  auto log = subject.open();
  CHECK(*log->end(Stream::ledger, 0) == 0);
  CHECK(read_all(*log, Stream::ledger, 0).empty());
  CHECK(must_append(*log, Stream::ledger, 0, {record("a", "k")}) == 0);
  CHECK(must_append(*log, Stream::ledger, 0, {record("b"), record(""), record("c")}) == 1);
  CHECK(must_append(*log, Stream::ledger, 0, {record("d")}) == 4);
  CHECK(*log->end(Stream::ledger, 0) == 5);
  const auto all = read_all(*log, Stream::ledger, 0);
  CHECK(all ==
        std::vector<Record>{{0, "k", "a"}, {1, "", "b"}, {2, "", ""}, {3, "", "c"}, {4, "", "d"}});
}

void keeps_partitions_apart(const Subject& subject) {
  auto log = subject.open();
  for (PartitionIndex p = 0; p < log->partitions(Stream::activity); ++p)
    for (PartitionIndex i = 0; i <= p; ++i)
      CHECK(must_append(*log, Stream::activity, p, {record(std::to_string(p * 10 + i))}) == i);
  CHECK(must_append(*log, Stream::jobs, 1, {record("job")}) == 0);
  for (PartitionIndex p = 0; p < log->partitions(Stream::activity); ++p) {
    CHECK(*log->end(Stream::activity, p) == p + 1);
    const auto all = read_all(*log, Stream::activity, p);
    REQUIRE(all.size() == p + 1);
    CHECK(all.back().value == std::to_string(p * 10 + p));
  }
  CHECK(*log->end(Stream::jobs, 0) == 0);
  CHECK(*log->end(Stream::ledger, 0) == 0);
}

void lasts(const Subject& subject) {
  const std::string large(kMaxRecordBytes, 'x');
  for (Offset round = 0; round < 3; ++round) {
    auto log = subject.open();
    CHECK(*log->end(Stream::ledger, 0) == 2 * round);
    CHECK(must_append(*log, Stream::ledger, 0, {record("small"), record(large, "large")}) ==
          2 * round);
  }
  auto log = subject.open();
  const auto all = read_all(*log, Stream::ledger, 0);
  REQUIRE(all.size() == 6);
  for (Offset offset = 0; offset < 6; ++offset) {
    CHECK(all[offset].offset == offset);
    CHECK((all[offset].value == (offset % 2 ? large : "small")));
  }
}

void refuses_bad_appends(const Subject& subject) {
  auto log = subject.open();
  struct Row {
    const char* code;
    Stream stream;
    PartitionIndex partition;
    std::vector<NewRecord> records;
  };
  const std::string too_large(kMaxRecordBytes + 1, 'x'), large(kMaxRecordBytes, 'x');
  const std::vector<Row> rows = {
      {"no_such_partition", Stream::ledger, 1, {record("a")}},
      {"no_such_partition", Stream::activity, 1'000'000, {record("a")}},
      {"nothing_to_append", Stream::ledger, 0, {}},
      {"record_too_large", Stream::ledger, 0, {record("a"), record(too_large)}},
      {"key_too_large", Stream::ledger, 0, {record("a"), record("b", std::string(1025, 'k'))}},
      {"append_too_large", Stream::ledger, 0, std::vector<NewRecord>(9, record(large))},
      {"key_missing", Stream::secrets, 0, {record("a", "k"), record("b")}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.code);
    const auto result = log->append(row.stream, row.partition, row.records);
    CHECK(code_of(result) == row.code);
    CHECK((!result && result.error().kind == ErrorClass::malformed));
  }
  CHECK(code_of(log->end(Stream::ledger, 1)) == "no_such_partition");
  const auto read = log->read(Stream::ledger, 1, 0, 1, 1);
  CHECK((!read && read.error().code == "no_such_partition"));
  // all or none: the good records that stood before a bad one are not there
  CHECK(*log->end(Stream::ledger, 0) == 0);
  CHECK(*log->end(Stream::secrets, 0) == 0);
  CHECK(must_append(*log, Stream::ledger, 0, {record("good")}) == 0);
}

void bounds_reads(const Subject& subject) {
  auto log = subject.open();
  std::vector<NewRecord> records;
  for (int i = 0; i < 100; ++i) records.push_back(record(std::string(100, static_cast<char>(i))));
  must_append(*log, Stream::ledger, 0, records);
  struct Row {
    Offset from;
    std::size_t max_records, max_bytes, expected;
  };
  const Row rows[] = {{0, 10, kAnyBytes, 10},
                      {95, 10, kAnyBytes, 5},
                      {0, 0, kAnyBytes, 0},
                      {100, 10, kAnyBytes, 0},
                      {~Offset{0}, 10, kAnyBytes, 0},
                      {50, 100, 1, 1},  // at least one, whatever its size
                      {50, 100, 0, 1},
                      {99, 1, 1, 1}};
  for (const auto& row : rows) {
    CAPTURE(row.from);
    const auto read = log->read(Stream::ledger, 0, row.from, row.max_records, row.max_bytes);
    REQUIRE(read);
    CHECK(read->size() == row.expected);
    for (std::size_t i = 0; i < read->size(); ++i) CHECK((*read)[i].offset == row.from + i);
  }
  const auto about = log->read(Stream::ledger, 0, 0, 100, 1000);
  REQUIRE(about);
  CHECK(about->size() >= 9);
  CHECK(about->size() <= 11);
}

void wakes_waiters(const Subject& subject) {
  auto log = subject.open();
  CHECK_FALSE(log->wait_beyond(Stream::ledger, 0, 0, 1ms));
  std::atomic<int> woken{0};
  std::thread other([&] { woken += log->wait_beyond(Stream::activity, 1, 0, 60s) ? 1 : 100; });
  std::thread waiter([&] { woken += log->wait_beyond(Stream::ledger, 0, 1, 60s) ? 1 : 100; });
  must_append(*log, Stream::ledger, 0, {record("a")});
  CHECK(log->wait_beyond(Stream::ledger, 0, 0, 0ms));
  CHECK_FALSE(log->wait_beyond(Stream::ledger, 0, 1, 1ms));
  must_append(*log, Stream::ledger, 0, {record("b")});
  waiter.join();
  CHECK(woken == 1);
  must_append(*log, Stream::activity, 1, {record("c")});
  other.join();
  CHECK(woken == 2);
  std::thread stopped([&] { woken += log->wait_beyond(Stream::ledger, 0, 9, 60s) ? 100 : 1; });
  log->stop_waiting();
  stopped.join();
  CHECK(woken == 3);
  CHECK_FALSE(log->wait_beyond(Stream::ledger, 0, 9, 60s));  // for good
  CHECK(log->wait_beyond(Stream::ledger, 0, 1, 60s));
}

void tells_listener(const Subject& subject) {
  auto log = subject.open();
  std::mutex mutex;
  std::map<std::pair<Stream, PartitionIndex>, Offset> told;
  bool rising = true, readable = true;
  log->set_listener([&](Stream stream, PartitionIndex partition, Offset end) {
    const std::lock_guard lock(mutex);
    auto& before = told[{stream, partition}];
    rising = rising && end > before;
    readable = readable && log->end(stream, partition).value_or(0) >= end;
    before = end;
  });
  std::vector<std::thread> threads;
  for (PartitionIndex p = 0; p < 4; ++p) {
    threads.emplace_back([&, p] {
      const std::vector<NewRecord> pair{record("a"), record("b")};
      for (int i = 0; i < 25; ++i) static_cast<void>(log->append(Stream::activity, p % 2, pair));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::lock_guard lock(mutex);
  CHECK(rising);
  CHECK(readable);
  CHECK(told[{Stream::activity, 0}] == 100);
  CHECK(told[{Stream::activity, 1}] == 100);
}

void compacts(const Subject& subject) {
  const std::vector<Record> expected = {
      {1, "bob", "b1"}, {4, "carol", "c2"}, {5, "alice", "a3"}, {6, "dave", ""}};
  {
    auto log = subject.open();
    must_append(*log, Stream::secrets, 0, {record("a1", "alice"), record("b1", "bob")});
    must_append(*log, Stream::secrets, 0,
                {record("a2", "alice"), record("c1", "carol"), record("c2", "carol")});
    CHECK(must_append(*log, Stream::secrets, 0, {record("a3", "alice")}) == 5);
    CHECK(must_append(*log, Stream::secrets, 0, {record("", "dave")}) == 6);
    CHECK(*log->end(Stream::secrets, 0) == 7);
    subject.compact(*log);
    CHECK(read_all(*log, Stream::secrets, 0) == expected);
    const auto middle = log->read(Stream::secrets, 0, 2, 1, kAnyBytes);
    REQUIRE(middle);
    REQUIRE(middle->size() == 1);
    CHECK(middle->front().offset == 4);
  }
  auto log = subject.open();
  CHECK(read_all(*log, Stream::secrets, 0) == expected);
  CHECK(must_append(*log, Stream::secrets, 0, {record("b2", "bob")}) == 7);
  must_append(*log, Stream::secrets, 0, {record("", "bob")});
  subject.compact(*log);
  const auto all = read_all(*log, Stream::secrets, 0);
  CHECK(values_of(all) == Values{"c2", "a3", "", ""});
  CHECK(all.back() == Record{8, "bob", ""});
}

void bears_many_appenders(const Subject& subject) {
  constexpr int kThreads = 6, kAppends = 60;
  auto log = subject.open();
  std::mutex mutex;
  std::map<PartitionIndex, std::set<Offset>> acknowledged;
  std::atomic<bool> reading{true};
  std::atomic<int> torn_reads{0};
  // a reader at the same time sees whole appends, in order, and never a gap
  std::thread reader([&] {
    Offset next = 0;
    while (reading || next < log->end(Stream::activity, 0).value_or(0)) {
      if (!log->wait_beyond(Stream::activity, 0, next, 10ms)) continue;
      const auto bite = log->read(Stream::activity, 0, next, 7, kAnyBytes);
      if (!bite) {
        ++torn_reads;
        return;
      }
      for (const auto& each : *bite) torn_reads += each.offset == next++ ? 0 : 1;
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kAppends; ++i) {
        const PartitionIndex partition = i % 3 == 0 ? 1 : 0;
        const auto name = std::to_string(t) + ":" + std::to_string(i);
        const std::vector<NewRecord> pair{record(name + "/0"), record(name + "/1")};
        const auto first = log->append(Stream::activity, partition, pair);
        const std::lock_guard lock(mutex);
        if (!first) continue;
        acknowledged[partition].insert({*first, *first + 1});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  reading = false;
  reader.join();
  CHECK(torn_reads == 0);
  CHECK(acknowledged[0].size() + acknowledged[1].size() == 2 * kThreads * kAppends);
  for (PartitionIndex partition = 0; partition < 2; ++partition) {
    const auto all = read_all(*log, Stream::activity, partition);
    CHECK(all.size() == acknowledged[partition].size());
    std::map<int, int> last_of;
    for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
      const auto& value = all[i].value;
      const auto thread = std::stoi(value), number = std::stoi(value.substr(value.find(':') + 1));
      CHECK(all[i + 1].value == value.substr(0, value.size() - 1) + "1");  // appends are not mixed
      if (last_of.contains(thread)) CHECK(last_of[thread] < number);
      last_of[thread] = number;
    }
  }
}

}  // namespace

std::vector<StreamConfig> streams() {
  return {{Stream::ledger, 1, false},
          {Stream::activity, 4, false},
          {Stream::jobs, 2, false},
          {Stream::secrets, 1, true}};
}

std::vector<Rule> rules() {
  return {{"records come back in the order of their appends, at dense offsets", keeps_order},
          {"partitions do not know of each other", keeps_partitions_apart},
          {"everything is there when the log is opened again", lasts},
          {"an append that breaks a limit is refused whole", refuses_bad_appends},
          {"a read keeps to its bounds and gives at least one record", bounds_reads},
          {"an append wakes those who wait beyond the end, and stopping wakes all", wakes_waiters},
          {"the listener hears rising ends of what can be read", tells_listener},
          {"on a compacted stream the latest record of a key remains", compacts},
          {"concurrent appends get every offset once and keep each appender's order",
           bears_many_appenders}};
}

NewRecord record(std::string value, std::string key) {
  return {std::move(key), std::move(value)};
}

std::vector<Record> read_all(LogReader& log, Stream stream, PartitionIndex partition) {
  std::vector<Record> out;
  for (Offset next = 0;;) {
    const auto bite = log.read(stream, partition, next, 3, kAnyBytes);
    REQUIRE_MESSAGE(bite, (bite ? "" : bite.error().message));
    if (bite->empty()) return out;
    out.insert(out.end(), bite->begin(), bite->end());
    next = out.back().offset + 1;
  }
}

std::vector<std::string> values_of(const std::vector<Record>& records) {
  Values out;
  for (const auto& each : records) out.push_back(each.value);
  return out;
}

}  // namespace fl::log::contract
