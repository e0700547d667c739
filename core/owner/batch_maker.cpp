#include "core/owner/batch_maker.hpp"

#include <fmt/format.h>

#include "core/base/assert.hpp"
#include "core/events/merkle.hpp"

namespace fl::owner {

Result<BatchMaker::Decided> BatchMaker::decide(ledger::Command command) {
  auto decision = ledger::decide(replica_.state(), std::move(command), time_);
  if (!decision) return fail(decision.error());
  const auto here = replica_.chain().next_offset;
  if (const auto* repeated = std::get_if<ledger::Repeated>(&*decision)) {
    const auto& row = repeated->row;
    if (row.offset != here) return Decided(row);
    FL_ASSERT(row.index < events());  // decided a moment ago, in this batch
    auto event = ledger::event_at(batch_, row.index);
    if (!event) return fail(event.error());
    return Decided(
        Accepted{std::move(*event), {row.event_seq, row.offset, row.index, time_}, true});
  }
  auto& event = std::get<pb::LedgerEvent>(*decision);
  const ledger::EventPlace place{replica_.state().next_event_seq, here,
                                 static_cast<std::uint32_t>(events()), time_};
  batch_.add_events(events::encode(event));
  bytes_ += batch_.events(batch_.events_size() - 1).size();
  ledger::apply(replica_.state(), event, place);
  return Decided(Accepted{std::move(event), place, false});
}

pb::LedgerRecord BatchMaker::finish(const std::string& incarnation, std::uint64_t nonce) {
  const auto& chain = replica_.chain();
  batch_.set_format(events::kFormat);
  batch_.set_epoch(chain.epoch);
  batch_.set_incarnation(incarnation);
  batch_.set_nonce(nonce);
  batch_.set_batch_seq(chain.next_batch_seq);
  batch_.set_first_event_seq(chain.next_event_seq);
  batch_.set_prev_head(chain.head.str());
  batch_.set_time_ms(time_.ms);
  batch_.set_rules_version(events::kRulesVersion);
  batch_.set_events_root(events::merkle_root(batch_.events()).str());
  pb::LedgerRecord record;
  record.mutable_batch()->Swap(&batch_);
  return record;
}

Outcome repeated_in(const pb::LedgerRecord& record, const ledger::CommandRow& row) {
  if (row.index >= static_cast<std::uint32_t>(record.batch().events_size())) {
    return fail(ErrorClass::unavailable, "log_damaged", "ledger",
                fmt::format("record {} does not hold event {}", row.offset, row.index));
  }
  auto event = ledger::event_at(record.batch(), row.index);
  if (!event) return fail(event.error());
  return Accepted{std::move(*event),
                  {row.event_seq, row.offset, row.index, Instant{record.batch().time_ms()}},
                  true};
}

}  // namespace fl::owner
