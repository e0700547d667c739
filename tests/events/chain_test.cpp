#include "core/events/chain.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "core/base/encoding.hpp"
#include "tests/support/chain_writer.hpp"

using namespace fl;
using events::ChainState;
using events::Verdict;
using test::ChainWriter;

namespace {

constexpr Instant kTime{1'000'000};

pb::LedgerRecord genesis() {
  pb::Genesis genesis;
  genesis.set_format(events::kFormat);
  genesis.set_ledger_id("sixteen bytes id");
  genesis.set_time_ms(kTime.ms);
  return ChainWriter::genesis(genesis);
}

/// Genesis, a fence, a batch of two events, a batch of one: epoch 1, batch 2, event 3.
ChainWriter four_records() {
  ChainWriter writer;
  writer.write(genesis());
  writer.write(writer.fence());
  writer.write(writer.batch({"first", "second"}, kTime + seconds(1)));
  writer.write(writer.batch({"third"}, kTime + seconds(2)));
  return writer;
}

std::string bytes_of(const pb::LedgerRecord& record) {
  return events::encode(record);
}

enum class Expected { valid, void_record, halt };

struct Row {
  std::string name;
  Expected expected;
  std::string why;  ///< a part of the reason given
  std::function<std::string(const ChainWriter&)> stored;
};

pb::LedgerRecord next_batch(const ChainWriter& writer) {
  return writer.batch({"fourth", "fifth"}, kTime + seconds(3));
}
std::function<std::string(const ChainWriter&)> batch_with(std::function<void(pb::Batch&)> spoil) {
  return [spoil](const ChainWriter& writer) {
    auto record = next_batch(writer);
    spoil(*record.mutable_batch());
    return bytes_of(record);
  };
}
std::function<std::string(const ChainWriter&)> fence_with(std::function<void(pb::Fence&)> spoil) {
  return [spoil](const ChainWriter& writer) {
    auto record = writer.fence();
    spoil(*record.mutable_fence());
    return bytes_of(record);
  };
}

const Row kRows[] = {
    {"the next batch", Expected::valid, "", batch_with([](pb::Batch&) {})},
    {"the next fence", Expected::valid, "", fence_with([](pb::Fence&) {})},
    {"a batch at the very time of the last", Expected::valid, "",
     batch_with([](pb::Batch& b) { b.set_time_ms((kTime + seconds(2)).ms); })},
    {"a batch of no events", Expected::valid, "",
     [](const ChainWriter& w) { return bytes_of(w.batch({}, kTime + seconds(3))); }},

    {"a fence for the epoch that is", Expected::void_record, "a fence for epoch 1 in epoch 1",
     fence_with([](pb::Fence& f) { f.set_epoch(1); })},
    {"a fence for an old epoch", Expected::void_record, "a fence for epoch 0 in epoch 1",
     fence_with([](pb::Fence& f) { f.set_epoch(0); })},
    {"a fence that skips an epoch", Expected::void_record, "a fence for epoch 3 in epoch 1",
     fence_with([](pb::Fence& f) { f.set_epoch(3); })},
    {"a batch of an old epoch", Expected::void_record, "a batch of epoch 0 in epoch 1",
     batch_with([](pb::Batch& b) { b.set_epoch(0); })},
    {"a batch of an epoch to come", Expected::void_record, "a batch of epoch 2 in epoch 1",
     batch_with([](pb::Batch& b) { b.set_epoch(2); })},
    {"a batch before its turn", Expected::void_record, "batch 3 where 2 is next",
     batch_with([](pb::Batch& b) { b.set_batch_seq(3); })},
    {"a batch of a number that was", Expected::void_record, "batch 1 where 2 is next",
     batch_with([](pb::Batch& b) { b.set_batch_seq(1); })},
    {"a batch decided on another head", Expected::void_record, "a batch decided on another head",
     batch_with([](pb::Batch& b) { b.set_prev_head(sha256("another").str()); })},
    {"a batch decided on no head", Expected::void_record, "a batch decided on another head",
     batch_with([](pb::Batch& b) { b.clear_prev_head(); })},
    {"a void batch of an unknown format", Expected::void_record, "a batch of epoch 0",
     batch_with([](pb::Batch& b) {
       b.set_epoch(0);
       b.set_format(99);
     })},
    {"a second genesis", Expected::void_record, "a second genesis",
     [](const ChainWriter&) { return bytes_of(genesis()); }},
    {"garbage", Expected::void_record, "an envelope that does not parse",
     [](const ChainWriter&) { return std::string("\xff\xff\xff garbage"); }},
    {"a batch cut short", Expected::void_record, "an envelope that does not parse",
     [](const ChainWriter& w) {
       auto bytes = bytes_of(next_batch(w));
       bytes.pop_back();
       return bytes;
     }},
    {"nothing", Expected::void_record, "an envelope of no known kind",
     [](const ChainWriter&) { return std::string(); }},

    {"a wrong events_root", Expected::halt, "events_root",
     batch_with([](pb::Batch& b) { b.set_events_root(sha256("another").str()); })},
    {"an event altered under the root", Expected::halt, "events_root",
     batch_with([](pb::Batch& b) { b.set_events(1, "fifty"); })},
    {"an event dropped under the root", Expected::halt, "events_root",
     batch_with([](pb::Batch& b) { b.mutable_events()->RemoveLast(); })},
    {"a wrong first_event_seq", Expected::halt, "first_event_seq 4 where 3 is next",
     batch_with([](pb::Batch& b) { b.set_first_event_seq(4); })},
    {"a time that goes back", Expected::halt, "a time that goes backwards",
     batch_with([](pb::Batch& b) { b.set_time_ms((kTime + seconds(2)).ms - 1); })},
    {"a batch of an unknown format", Expected::halt, "a batch of an unknown format",
     batch_with([](pb::Batch& b) { b.set_format(2); })},
    {"a batch under unknown rules", Expected::halt, "a batch under unknown rules",
     batch_with([](pb::Batch& b) { b.set_rules_version(2); })},
    {"a fence of an unknown format", Expected::halt, "a fence of an unknown format",
     fence_with([](pb::Fence& f) { f.set_format(2); })},
    {"a batch with a field that this program does not know", Expected::halt, "canonical",
     batch_with(
         [](pb::Batch& b) { b.GetReflection()->MutableUnknownFields(&b)->AddVarint(99, 1); })},
    {"a fence with a field that this program does not know", Expected::halt, "canonical",
     fence_with(
         [](pb::Fence& f) { f.GetReflection()->MutableUnknownFields(&f)->AddVarint(99, 1); })},
    {"a batch spelled in another way", Expected::halt, "canonical",
     [](const ChainWriter& w) {
       const auto fence = bytes_of(w.fence());
       return fence + fence.substr(0, 2).replace(1, 1, 1, '\0');  // an empty fence merged into it
     }},
};

}  // namespace

TEST_CASE("each record is valid, void, or a reason to halt, by the prefix before it") {
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    const auto writer = four_records();
    const auto stored = row.stored(writer);
    auto state = writer.chain;
    const auto reading = events::read_record(state, 4, stored);
    if (row.expected == Expected::halt) {
      REQUIRE_FALSE(reading);
      CHECK(reading.error().code == "ledger_halt");
      CHECK(reading.error().message.find("ledger record 4") != std::string::npos);
      CHECK(reading.error().message.find(row.why) != std::string::npos);
      CHECK(state == writer.chain);
      continue;
    }
    REQUIRE(reading);
    CHECK(state.next_offset == 5);
    CHECK((reading->verdict == Verdict::void_record) == (row.expected == Expected::void_record));
    CHECK(reading->void_reason.find(row.why) != std::string::npos);
    if (row.expected == Expected::valid) {
      CHECK(reading->void_reason.empty());
      CHECK(state.head == sha256({"fanledger head v1", writer.chain.head.view(), stored}));
      CHECK(state.void_head == writer.chain.void_head);
    } else {
      auto expected = writer.chain;  // without effect, but counted and under its own hash
      expected.next_offset = 5;
      expected.void_count = 1;
      expected.void_head = sha256({"fanledger void v1", writer.chain.void_head.view(), stored});
      CHECK(state == expected);
    }
  }
}

TEST_CASE("a ledger begins with genesis, or nothing is read of it") {
  struct First {
    std::string name;
    std::string stored;
    std::string why;
  };
  ChainWriter nobody;
  auto unknown = genesis();
  unknown.mutable_genesis()->set_format(2);
  auto nameless = genesis();
  nameless.mutable_genesis()->set_ledger_id("short");
  const First rows[] = {
      {"a batch", bytes_of(nobody.batch({}, kTime)), "does not begin with genesis"},
      {"a fence", bytes_of(nobody.fence()), "does not begin with genesis"},
      {"garbage", "\xff", "does not begin with genesis"},
      {"nothing", "", "does not begin with genesis"},
      {"a genesis of another format", bytes_of(unknown), "unknown format"},
      {"a genesis without a ledger id", bytes_of(nameless), "16 bytes"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    ChainState state;
    auto reading = events::read_record(state, 0, row.stored);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().message.find(row.why) != std::string::npos);
    CHECK(state == ChainState{});
  }
}

TEST_CASE("a gap in the offsets, or an offset twice, is a reason to halt") {
  for (std::uint64_t offset : {0u, 3u, 5u, 6u}) {
    auto writer = four_records();
    const auto before = writer.chain;
    auto reading = events::read_record(writer.chain, offset, bytes_of(next_batch(writer)));
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code == "ledger_halt");
    CHECK(reading.error().message.find("offset 4 is next") != std::string::npos);
    CHECK(writer.chain == before);
  }
}

TEST_CASE("a fence is valid whatever lies between: it need not know the head") {
  auto writer = four_records();
  const auto fence = bytes_of(writer.fence());
  auto state = writer.chain;
  REQUIRE(events::read_record(state, 4, bytes_of(next_batch(writer))));
  auto reading = events::read_record(state, 5, fence);
  REQUIRE(reading);
  CHECK(reading->verdict == Verdict::fence);
  CHECK(state.epoch == 2);
  CHECK(state.fence_record == sha256(fence));
}

TEST_CASE("of two fences for one epoch the first wins, and ends what the owner before it sends") {
  auto writer = four_records();
  auto state = writer.chain;
  const auto late = bytes_of(next_batch(writer));
  auto second = writer.fence();
  second.mutable_fence()->set_incarnation("an incarnation 2");
  REQUIRE(events::read_record(state, 4, bytes_of(writer.fence()))->verdict == Verdict::fence);
  CHECK(events::read_record(state, 5, bytes_of(second))->verdict == Verdict::void_record);
  CHECK(events::read_record(state, 6, late)->verdict == Verdict::void_record);
  CHECK(state.epoch == 2);
  CHECK(state.fence_count == 2);
  CHECK(state.void_count == 2);
}

TEST_CASE("a batch that lands twice takes effect once") {
  auto writer = four_records();
  auto state = writer.chain;
  const auto stored = bytes_of(next_batch(writer));
  CHECK(events::read_record(state, 4, stored)->verdict == Verdict::batch);
  CHECK(events::read_record(state, 5, stored)->verdict == Verdict::void_record);
  CHECK(state.next_event_seq == 5);
}

TEST_CASE("a batch lost in flight takes those behind it along") {
  auto writer = four_records();
  auto ahead = writer;
  ahead.write(next_batch(ahead));
  const auto behind = bytes_of(ahead.batch({"sixth"}, kTime + seconds(4)));
  CHECK(events::read_record(writer.chain, 4, behind)->verdict == Verdict::void_record);
}

TEST_CASE("the writer's own step over a record is the reader's") {
  ChainWriter writer;
  ChainState reader;
  const auto both = [&](const pb::LedgerRecord& record) {
    const auto stored = writer.write(record);
    REQUIRE(events::read_record(reader, reader.next_offset, stored));
    CHECK(reader == writer.chain);
  };
  both(genesis());
  both(writer.fence());
  both(writer.batch({"first", "second"}, kTime));
  both(writer.fence());
  both(writer.batch({}, kTime + seconds(1)));
  CHECK(reader.epoch == 2);
  CHECK(reader.next_batch_seq == 2);
  CHECK(reader.next_event_seq == 2);
  CHECK(reader.time == kTime + seconds(1));
}

TEST_CASE("the writer does not step over a record of its own that is void or to be halted at") {
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    auto writer = four_records();
    const auto before = writer.chain;
    const auto stored = row.stored(writer);
    pb::LedgerRecord record;
    if (row.why == "canonical" || !record.ParseFromString(stored)) continue;
    const bool stepped = events::advance_over_own(writer.chain, record, stored);
    CHECK(stepped == (row.expected == Expected::valid));
    if (!stepped) CHECK(writer.chain == before);
  }
}

TEST_CASE("a chain state survives encoding, and no part of it passes for the whole") {
  const auto state = four_records().chain;
  const auto bytes = state.encode();
  REQUIRE(ChainState::decode(bytes));
  CHECK(*ChainState::decode(bytes) == state);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(ChainState::decode(bytes.substr(0, size)));
  }
  CHECK_FALSE(ChainState::decode(bytes + "x"));
  CHECK_FALSE(ChainState::decode("\2" + bytes.substr(1)));
}
