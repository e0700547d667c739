#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/base/time.hpp"
#include "core/events/codec.hpp"

namespace fl::events {

/// What a reader of the stream `ledger` knows after a prefix of it. The rule below is a function of
/// this alone, so every reader of the same prefix agrees on what is valid.
struct ChainState {
  std::uint64_t next_offset = 0;
  std::uint64_t epoch = 0;
  std::uint64_t next_batch_seq = 0;
  std::uint64_t next_event_seq = 0;
  Instant time;
  Digest head;       ///< over valid records
  Digest void_head;  ///< over void records
  std::uint64_t void_count = 0;
  std::uint64_t fence_count = 0;
  Digest fence_record;  ///< hash of the last valid fence: whose epoch it is
  std::string ledger_id;

  bool operator==(const ChainState&) const = default;
  std::string encode() const;
  static std::optional<ChainState> decode(std::string_view bytes);
};

enum class Verdict { genesis, batch, fence, void_record };

struct Reading {
  Verdict verdict = Verdict::void_record;
  std::string void_reason;  ///< for auditors, when void
  pb::LedgerRecord record;  ///< parsed, when not void
};

/// The rule of the ledger (chain-validated append):
///   Genesis is valid at offset 0 alone.
///   Fence is valid when its epoch is one above the current one.
///   Batch is valid when it has the current epoch, the next batch_seq, and the head as prev_head.
/// Anything else is void: kept, counted, without effect. A record that is valid by this rule but
/// has an unknown format or rules, a wrong events_root or first_event_seq, a time that goes back,
/// or stands at an offset that is not the next, is an Error (`ledger_halt`): the reader must stop.
/// On success `state` has moved past the record.
Result<Reading> read_record(ChainState& state, std::uint64_t offset, std::string_view stored);

/// The same for a record that the caller has built and encoded itself: nothing is parsed again.
/// False, and nothing changed, when the record is void or to be halted at.
bool advance_over_own(ChainState& state, const pb::LedgerRecord& record, std::string_view stored);

/// head' = SHA-256(domain ‖ head ‖ stored bytes)
Digest next_head(const Digest& head, std::string_view stored);

}  // namespace fl::events
