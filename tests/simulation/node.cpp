#include "tests/simulation/node.hpp"

namespace fl::sim {

using owner::Candidate;

namespace {

const char* to_string(Candidate::Phase phase) {
  switch (phase) {
    case Candidate::Phase::following:
      return "follows";
    case Candidate::Phase::fencing:
      return "fences";
    case Candidate::Phase::serving:
      return "serves";
  }
  return "";
}

}  // namespace

Node::Node(int number, World world, owner::CandidateOptions options, Instant now)
    : number_(number), world_(world), options_(std::move(options)) {
  clock_.wall = now;
}

void Node::start(SharedLog::Process process) {
  if (process_ != 0) {
    world_.coverage.note(disk_.chain ? Happened::restart_from_snapshot
                                     : Happened::restart_from_nothing);
  }
  process_ = process;
  producer_ = world_.log.open(process);
  reports_.clear();
  last_fence_ = {};
  may_try_ = false;
  clock_.since_start = {0};
  clock_was_set_ = false;
  world_.trace.say("node {}: starts as process {}, {}", number_, process,
                   disk_.chain ? fmt::format("from {}", disk_.chain->next_offset) : "from nothing");
  candidate_ = std::make_unique<Candidate>(
      static_cast<Journal&>(*this), clock_,
      [this](std::size_t bytes) { return world_.chance.bytes(bytes); },
      [this] { return restore(); }, options_);
  static_cast<void>(candidate_->begin());
  look(phase());
}

void Node::crash() {
  world_.coverage.note(Happened::crash);
  world_.trace.say("node {}: crashes", number_);
  world_.log.close(producer_, SharedLog::Gone::crashed);
  candidate_.reset();
  paused = false;
}

void Node::pass(Duration wall, Duration monotonic) {
  clock_.wall = clock_.wall + wall;
  clock_.since_start.ms += monotonic.ms;
}

std::chrono::steady_clock::time_point Node::steady() const {
  return std::chrono::steady_clock::time_point(std::chrono::milliseconds(clock_.since_start.ms));
}

void Node::read_on(std::size_t at_most) {
  const auto before = phase();
  const auto& records = world_.log.records();
  const auto from = candidate_->wanted();
  // Now and then what it has already comes once more, as from a reader that begins anew.
  if (from > 0 && world_.chance.per_mille(50)) {
    static_cast<void>(candidate_->take(from - 1, records[from - 1]));
  }
  std::size_t taken = 0;
  for (; taken < at_most && candidate_->wanted() < records.size(); ++taken) {
    const auto at = candidate_->wanted();
    static_cast<void>(candidate_->take(at, records[at]));
  }
  auto end = world_.log.end();
  if (world_.chance.per_mille(250)) {
    end -= world_.chance.below(std::min<log::Offset>(end, 4));
    if (end < world_.log.end()) world_.coverage.note(Happened::stale_end);
  }
  if (!world_.chance.per_mille(100)) candidate_->reached(end);
  if (taken > 0) {
    world_.trace.say("node {}: reads {} records, to {}", number_, taken, candidate_->wanted());
  }
  look(before);
  maybe_snapshot();
}

void Node::take_report() {
  const auto before = phase();
  const auto report = std::move(reports_.front());
  reports_.pop_front();
  const auto& where = report.where;
  world_.trace.say("node {}: is told that #{} {}", number_, report.ticket,
                   !where   ? "failed"
                   : *where ? fmt::format("is {}", **where)
                            : "stands somewhere");
  if (where && *where && **where >= candidate_->wanted()) {
    world_.coverage.note(Happened::report_before_read);
  }
  if (!where && world_.chance.per_mille(700)) {
    // As after a fatal error: what was sent before may still land, between what is sent now.
    world_.log.close(producer_, SharedLog::Gone::recreated);
    producer_ = world_.log.open(process_);
  }
  static_cast<void>(candidate_->appended(report.ticket, where));
  look(before);
}

void Node::step() {
  const auto before = phase();
  sent_in_step_ = 0;
  static_cast<void>(candidate_->step(steady()));
  look(before);
  maybe_snapshot();
}

void Node::may_try(bool may) {
  if (may == may_try_) return;
  may_try_ = may;
  world_.trace.say("node {}: {}", number_, may ? "may try" : "may not try");
  candidate_->may_try(may);
}

void Node::submit(const pb::LedgerEvent& draft, owner::Reply reply, Candidate::Deadline until) {
  const auto before = phase();
  candidate_->submit({draft}, std::move(reply), until);
  look(before);
}

void Node::append(Ticket ticket, const std::string& stored) {
  pb::LedgerRecord record;
  record.ParseFromString(stored);
  if (record.has_fence()) last_fence_ = sha256(stored);
  if (record.has_batch() && ++sent_in_step_ >= 3) world_.coverage.note(Happened::pipelined);
  world_.trace.say("node {}: sends #{}: {}", number_, ticket, describe(stored));
  world_.log.send(producer_, ticket, stored);
}

Result<std::string> Node::read(log::Offset offset) {
  if (reads_fail) return fail(ErrorClass::unavailable, log::kLogFailed, "", "the read failed");
  return world_.log.records().at(offset);
}

Result<std::unique_ptr<ledger::Replica>> Node::restore() {
  auto replica = std::make_unique<ledger::Replica>();
  if (!disk_.chain) return replica;
  world_.coverage.note(Happened::refold_from_snapshot);
  replica->chain() = *disk_.chain;
  for (const auto& [key, row] : disk_.rows) {
    if (!ledger::restore_row(replica->state(), key.first, key.second, row)) {
      throw Violation("a snapshot holds a row that cannot be read");
    }
  }
  return replica;
}

void Node::maybe_snapshot() {
  if (!candidate_->snapshot_ready() || world_.chance.per_mille(200)) return;
  // One that cannot be saved is passed over, and what changed stays to be saved by the next.
  if (!world_.chance.per_mille(100)) {
    auto& replica = candidate_->replica();
    world_.coverage.note(Happened::snapshot);
    world_.trace.say("node {}: saves a snapshot of {}", number_, replica.chain().next_offset);
    world_.oracle.snapshot(replica.chain(), replica.state());
    if (candidate_->last_record() !=
        sha256(world_.log.records()[replica.chain().next_offset - 1])) {
      throw Violation("a snapshot names another last record");
    }
    ledger::drain_changes(replica.state(), [&](auto tag, auto key, auto row) {
      disk_.rows[{tag, std::string(key)}] = std::string(row);
    });
    disk_.chain = replica.chain();
  }
  candidate_->snapshot_saved();
}

void Node::look(Candidate::Phase before) {
  const auto now = phase();
  world_.oracle.look_at(*candidate_, last_fence_);
  if (now == before) return;
  world_.trace.say("node {}: {} now", number_, to_string(now));
  if (before == Candidate::Phase::serving) world_.coverage.note(Happened::step_down);
}

}  // namespace fl::sim
