#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/encoding.hpp"
#include "projections/ledger_reader.hpp"
#include "schemas/ledger.pb.h"

namespace fl::tests {

/// A ledger without its chain: records of batches, void when of another epoch than 1, and a halt at
/// epoch 66. Its state counts events, so a state that is not kept, or kept of another moment, shows
/// in the sequence numbers that the read models keep.
class TestLedgerReader : public projections::LedgerReader {
 public:
  explicit TestLedgerReader(std::uint64_t next_seq) : next_seq_(next_seq) {}

  Result<std::vector<projections::LedgerEventAt>> read(log::Offset offset,
                                                       std::string_view stored) override {
    pb::LedgerRecord record;
    if (!record.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) return none();
    const auto& batch = record.batch();
    if (batch.epoch() == 66) {
      return fail(ErrorClass::unavailable, "ledger_halt", "", "A record of unknown rules.");
    }
    if (batch.epoch() != 1) return none();
    std::vector<projections::LedgerEventAt> events;
    for (const auto& bytes : batch.events()) {
      auto& at = events.emplace_back();
      at.event_seq = next_seq_++;
      at.offset = offset;
      at.index = static_cast<std::uint32_t>(events.size() - 1);
      at.time_ms = batch.time_ms();
      if (!at.event.ParseFromString(bytes)) return none();
    }
    return events;
  }
  std::string state() const override { return u64_key(next_seq_); }

 private:
  static std::vector<projections::LedgerEventAt> none() { return {}; }
  std::uint64_t next_seq_;
};

inline projections::OpenLedgerReader test_ledger() {
  return [](std::string_view state) -> Result<std::unique_ptr<projections::LedgerReader>> {
    return std::make_unique<TestLedgerReader>(state.empty() ? 0 : BinaryReader(state).u64());
  };
}

inline std::string test_batch(const std::vector<pb::LedgerEvent>& events, std::int64_t time_ms,
                              std::uint64_t epoch = 1) {
  pb::LedgerRecord record;
  record.mutable_batch()->set_epoch(epoch);
  record.mutable_batch()->set_time_ms(time_ms);
  for (const auto& event : events) record.mutable_batch()->add_events(event.SerializeAsString());
  return record.SerializeAsString();
}

}  // namespace fl::tests
