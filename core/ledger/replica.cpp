#include "core/ledger/replica.hpp"

#include <fmt/format.h>

#include "core/ledger/decide.hpp"
#include "core/ledger/invariants.hpp"
#include "core/ledger/rules.hpp"

namespace fl::ledger {
namespace {

Failure halt(const EventPlace& place, const std::string& code, const std::string& why) {
  return fail(ErrorClass::unavailable, code, "ledger",
              fmt::format("ledger record {}, event {} (index {}): {}", place.offset, place.seq,
                          place.index, why));
}

}  // namespace

Result<pb::LedgerEvent> event_at(const pb::Batch& batch, std::uint32_t index) {
  return events::decode<pb::LedgerEvent>(batch.events(static_cast<int>(index)));
}

Result<Fed> Replica::feed(std::uint64_t offset, std::string_view stored, const Visit& visit) {
  auto reading = events::read_record(chain_, offset, stored);
  if (!reading) return fail(reading.error());
  Fed fed{reading->verdict, std::move(reading->void_reason), std::move(reading->record)};
  switch (fed.verdict) {
    case events::Verdict::genesis:
      apply_genesis(state_, fed.record.genesis(), chain_.head);
      break;
    case events::Verdict::batch:
      if (auto status = feed_batch(offset, fed.record.batch(), visit); !status) {
        return fail(status.error());
      }
      break;
    case events::Verdict::fence:
    case events::Verdict::void_record:
      break;
  }
  return fed;
}

Status Replica::feed_batch(std::uint64_t offset, const pb::Batch& batch, const Visit& visit) {
  EventPlace place{batch.first_event_seq(), offset, 0, Instant{batch.time_ms()}};
  pb::LedgerEvent event;  // one for all: its parts keep their memory
  for (int i = 0; i < batch.events_size(); ++i, ++place.seq, ++place.index) {
    if (auto status = events::decode(batch.events(i), event); !status) {
      return halt(place, "event_unreadable", status.error().message);
    }
    auto repeated = find_repetition(state_, event.origin());
    if (!repeated || *repeated)
      return halt(place, "command_twice", "its command was carried out before");
    if (auto allowed = check(state_, event, place.time); !allowed) {
      return halt(place, "event_not_allowed",
                  allowed.error().code + ": " + allowed.error().message);
    }
    if (const auto violation = find_violation(state_, event)) {
      return halt(place, std::string(violation->invariant),
                  std::string(violation->sentence) + " (" + violation->detail + ")");
    }
    if (visit) visit(event, place);
    apply(state_, event, place);
  }
  apply_batch_end(state_, Instant{batch.time_ms()}, chain_.head);
  return {};
}

}  // namespace fl::ledger
