#include "tests/simulation/shared_log.hpp"

#include "core/events/codec.hpp"

namespace fl::sim {
namespace {

Failure append_failed() {
  return fail(ErrorClass::unavailable, log::kLogFailed, "", "the append failed");
}

}  // namespace

std::string describe(const std::string& stored) {
  pb::LedgerRecord record;
  if (!record.ParseFromString(stored)) return "garbage";
  if (record.has_fence()) {
    return fmt::format("fence {} of {}", record.fence().epoch(), record.fence().owner_id());
  }
  if (record.has_batch()) {
    return fmt::format("batch {} of epoch {} with {} events", record.batch().batch_seq(),
                       record.batch().epoch(), record.batch().events_size());
  }
  return record.has_genesis() ? "genesis" : "nothing known";
}

SharedLog::SharedLog(std::vector<std::string> records, Chance& chance, Coverage& coverage,
                     Trace& trace, LogFaults faults, Hooks hooks)
    : records_(std::move(records)),
      chance_(chance),
      coverage_(coverage),
      trace_(trace),
      faults_(faults),
      hooks_(std::move(hooks)) {}

SharedLog::ProducerId SharedLog::open(Process process) {
  producers_.push_back({process, Gone::no, false, {}});
  return producers_.size() - 1;
}

void SharedLog::send(ProducerId producer, owner::Journal::Ticket ticket, std::string stored) {
  coverage_.note(Happened::append);
  producers_[producer].sent.push_back({ticket, std::move(stored), false, false});
}

std::optional<SharedLog::ProducerId> SharedLog::choose() {
  std::vector<ProducerId> open;
  std::vector<ProducerId> gone;
  for (ProducerId id = 0; id < producers_.size(); ++id) {
    if (producers_[id].sent.empty()) continue;
    (producers_[id].gone == Gone::no ? open : gone).push_back(id);
  }
  if (open.empty() && gone.empty()) return std::nullopt;
  // What nobody waits for any more takes its time, and so comes when the least expected.
  const bool late = open.empty() || (!gone.empty() && chance_.per_mille(120));
  const auto& from = late ? gone : open;
  return from[chance_.below(from.size())];
}

bool SharedLog::move_one() {
  const auto id = choose();
  if (!id) return false;
  auto& producer = producers_[*id];
  auto& front = producer.sent.front();
  if (!front.copy && chance_.per_mille(faults_.dropped)) {
    drop(producer);
  } else if (!front.reported && chance_.per_mille(faults_.error_early)) {
    front.reported = true;
    coverage_.note(Happened::report_error_before_landing);
    trace_.say("log: reports an error of #{}, still under way", front.ticket);
    report(producer, {front.ticket, append_failed()});
  } else {
    land(producer);
  }
  return true;
}

void SharedLog::drop(Producer& producer) {
  auto dropped = std::move(producer.sent.front());
  producer.sent.pop_front();
  producer.dropped_one = true;
  coverage_.note(Happened::dropped);
  trace_.say("log: drops #{} of process {}: {}", dropped.ticket, producer.process,
             describe(dropped.stored));
  if (dropped.reported) return;
  if (chance_.per_mille(500)) return coverage_.note(Happened::report_lost);
  report(producer, {dropped.ticket, append_failed()});
}

void SharedLog::land(Producer& producer) {
  auto sent = std::move(producer.sent.front());
  producer.sent.pop_front();
  const auto offset = end();
  if (producer.gone == Gone::crashed) coverage_.note(Happened::landed_after_crash);
  if (producer.gone == Gone::recreated) coverage_.note(Happened::landed_after_recreation);
  if (producer.dropped_one) coverage_.note(Happened::overtook_dropped);
  trace_.say("log: {} is {}#{} of process {}: {}", offset, sent.copy ? "a copy of " : "",
             sent.ticket, producer.process, describe(sent.stored));
  const auto process = producer.process;
  const bool twice = !sent.copy && chance_.per_mille(faults_.duplicated);
  const bool told = sent.reported || sent.copy;
  records_.push_back(sent.stored);
  if (!told) {
    if (chance_.per_mille(faults_.report_lost)) {
      coverage_.note(Happened::report_lost);
    } else if (chance_.per_mille(faults_.error_late)) {
      coverage_.note(Happened::report_error_after_landing);
      report(producer, {sent.ticket, append_failed()});
    } else if (chance_.per_mille(faults_.no_offset)) {
      coverage_.note(Happened::report_without_offset);
      report(producer, {sent.ticket, std::optional<log::Offset>()});
    } else {
      report(producer, {sent.ticket, std::optional<log::Offset>(offset)});
    }
  }
  if (twice) {
    coverage_.note(Happened::duplicated);
    const auto gone = producer.gone == Gone::no ? Gone::recreated : producer.gone;
    producers_.push_back({process, gone, false, {{sent.ticket, sent.stored, true, true}}});
  }
  hooks_.landed(offset, records_.back());
}

void SharedLog::put(std::string stored) {
  coverage_.note(Happened::stranger);
  trace_.say("log: {} is a stranger's: {}", end(), describe(stored));
  records_.push_back(std::move(stored));
  hooks_.landed(end() - 1, records_.back());
}

void SharedLog::report(const Producer& producer, Report report) {
  hooks_.report(producer.process, std::move(report));
}

}  // namespace fl::sim
