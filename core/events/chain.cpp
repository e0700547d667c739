#include "core/events/chain.hpp"

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/events/merkle.hpp"

namespace fl::events {
namespace {

constexpr std::string_view kHeadDomain = "fanledger head v1";
constexpr std::string_view kVoidDomain = "fanledger void v1";
constexpr std::size_t kIdBytes = 16;

Failure halt(std::uint64_t offset, const std::string& why) {
  return fail(ErrorClass::unavailable, "ledger_halt", "ledger",
              fmt::format("ledger record {}: {}", offset, why));
}

/// Empty when the record is valid by the chain; else why it is void.
std::string void_reason(const ChainState& state, const pb::LedgerRecord& record) {
  switch (record.record_case()) {
    case pb::LedgerRecord::kGenesis:
      return state.next_offset == 0 ? "" : "a second genesis";
    case pb::LedgerRecord::kFence: {
      if (state.next_offset == 0) return "a fence before genesis";
      const auto epoch = record.fence().epoch();
      if (epoch == state.epoch + 1) return "";
      return fmt::format("a fence for epoch {} in epoch {}", epoch, state.epoch);
    }
    case pb::LedgerRecord::kBatch: {
      const auto& batch = record.batch();
      if (state.next_offset == 0) return "a batch before genesis";
      if (batch.epoch() != state.epoch) {
        return fmt::format("a batch of epoch {} in epoch {}", batch.epoch(), state.epoch);
      }
      if (batch.batch_seq() != state.next_batch_seq) {
        return fmt::format("batch {} where {} is next", batch.batch_seq(), state.next_batch_seq);
      }
      if (batch.prev_head() != state.head.view()) return "a batch decided on another head";
      return "";
    }
    case pb::LedgerRecord::RECORD_NOT_SET:
      return "an envelope of no known kind";
  }
  return "an envelope of no known kind";
}

/// Empty when a record that is valid by the chain may be followed; else why the reader must stop.
std::string halt_reason(const ChainState& state, const pb::LedgerRecord& record) {
  switch (record.record_case()) {
    case pb::LedgerRecord::kGenesis:
      if (record.genesis().format() != kFormat) return "genesis of an unknown format";
      if (record.genesis().ledger_id().size() != kIdBytes)
        return "a ledger id that is not 16 bytes";
      return "";
    case pb::LedgerRecord::kFence:
      return record.fence().format() == kFormat ? "" : "a fence of an unknown format";
    case pb::LedgerRecord::kBatch: {
      const auto& batch = record.batch();
      if (batch.format() != kFormat) return "a batch of an unknown format";
      if (batch.rules_version() != kRulesVersion) return "a batch under unknown rules";
      if (batch.first_event_seq() != state.next_event_seq) {
        return fmt::format("first_event_seq {} where {} is next", batch.first_event_seq(),
                           state.next_event_seq);
      }
      if (batch.time_ms() < state.time.ms) return "a time that goes backwards";
      if (merkle_root(batch.events()).view() != batch.events_root()) {
        return "an events_root that is not the root of its events";
      }
      return "";
    }
    case pb::LedgerRecord::RECORD_NOT_SET:
      break;
  }
  return "an envelope of no known kind";
}

void advance(ChainState& state, const pb::LedgerRecord& record, std::string_view stored) {
  state.head = next_head(state.head, stored);
  switch (record.record_case()) {
    case pb::LedgerRecord::kGenesis:
      state.ledger_id = record.genesis().ledger_id();
      state.time = {record.genesis().time_ms()};
      return;
    case pb::LedgerRecord::kFence:
      state.epoch = record.fence().epoch();
      state.fence_record = sha256(stored);
      ++state.fence_count;
      return;
    case pb::LedgerRecord::kBatch:
      ++state.next_batch_seq;
      state.next_event_seq += static_cast<std::uint64_t>(record.batch().events_size());
      state.time = {record.batch().time_ms()};
      return;
    case pb::LedgerRecord::RECORD_NOT_SET:
      return;
  }
}

Verdict verdict_of(const pb::LedgerRecord& record) {
  if (record.has_genesis()) return Verdict::genesis;
  return record.has_fence() ? Verdict::fence : Verdict::batch;
}

}  // namespace

Digest next_head(const Digest& head, std::string_view stored) {
  return sha256({kHeadDomain, head.view(), stored});
}

Result<Reading> read_record(ChainState& state, std::uint64_t offset, std::string_view stored) {
  if (offset != state.next_offset) {
    return halt(offset, fmt::format("offset {} is next", state.next_offset));
  }
  Reading reading;
  if (!reading.record.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
    reading.void_reason = "an envelope that does not parse";
    reading.record.Clear();
  } else {
    reading.void_reason = void_reason(state, reading.record);
  }
  if (reading.void_reason.empty()) {
    if (const auto why = halt_reason(state, reading.record); !why.empty()) return halt(offset, why);
    // Parsed above already: a record may be large.
    if (!spelling_of<pb::LedgerRecord>().matches(stored)) {
      return halt(offset, "it holds what this program does not know, or is not in canonical form");
    }
    reading.verdict = verdict_of(reading.record);
    advance(state, reading.record, stored);
  } else {
    if (offset == 0) return halt(offset, "the ledger does not begin with genesis");
    state.void_head = sha256({kVoidDomain, state.void_head.view(), stored});
    ++state.void_count;
  }
  ++state.next_offset;
  return reading;
}

bool advance_over_own(ChainState& state, const pb::LedgerRecord& record, std::string_view stored) {
  if (!void_reason(state, record).empty() || !halt_reason(state, record).empty()) return false;
  advance(state, record, stored);
  ++state.next_offset;
  return true;
}

std::string ChainState::encode() const {
  std::string out;
  put_u8(out, 1);
  put_u64(out, next_offset);
  put_u64(out, epoch);
  put_u64(out, next_batch_seq);
  put_u64(out, next_event_seq);
  put_i64(out, time.ms);
  out.append(head.view()).append(void_head.view());
  put_u64(out, void_count);
  put_u64(out, fence_count);
  out.append(fence_record.view());
  put_bytes(out, ledger_id);
  return out;
}

std::optional<ChainState> ChainState::decode(std::string_view bytes) {
  BinaryReader in(bytes);
  ChainState state;
  if (in.u8() != 1) return std::nullopt;
  state.next_offset = in.u64();
  state.epoch = in.u64();
  state.next_batch_seq = in.u64();
  state.next_event_seq = in.u64();
  state.time = {in.i64()};
  state.head = Digest::from(in.raw(32));
  state.void_head = Digest::from(in.raw(32));
  state.void_count = in.u64();
  state.fence_count = in.u64();
  state.fence_record = Digest::from(in.raw(32));
  state.ledger_id = std::string(in.bytes());
  if (!in.done()) return std::nullopt;
  return state;
}

}  // namespace fl::events
