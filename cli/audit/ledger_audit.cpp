#include "cli/audit/ledger_audit.hpp"

#include <fmt/format.h>

#include <optional>

#include "cli/audit/takeovers.hpp"
#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

constexpr std::size_t kReadRecords = 1024;
constexpr std::size_t kReadBytes = 16 << 20;
constexpr Duration kClockTolerance = minutes(1);

std::string kind_name(const pb::LedgerEvent& event) {
  const auto* field = pb::LedgerEvent::descriptor()->FindFieldByNumber(event.body_case());
  return field == nullptr ? "none" : field->name();
}

/// Where the next batch stands that is valid after `chain`, be it right or not: what stands before
/// it had no effect on who wrote it. Nothing where none comes.
std::optional<std::uint64_t> next_valid_batch(log::LogReader& log, events::ChainState chain,
                                              std::uint64_t end) {
  while (chain.next_offset < end) {
    const auto records =
        log.read(log::Stream::ledger, 0, chain.next_offset, kReadRecords, kReadBytes);
    if (!records || records->empty()) return std::nullopt;
    for (const auto& record : *records) {
      const auto offset = chain.next_offset;
      const auto reading = events::read_record(chain, record.offset, record.value);
      if (!reading || reading->verdict == events::Verdict::batch) return offset;
    }
  }
  return std::nullopt;
}

class LedgerAudit {
 public:
  LedgerAudit(log::LogReader& log, std::uint64_t end, const LedgerAuditOptions& options,
              Findings& findings)
      : log_(log),
        end_(end),
        options_(options),
        findings_(findings),
        takeovers_(options.exclusive) {}

  /// False: nothing after it can be followed.
  bool take(const log::Record& record) {
    const auto before = replica_.chain();
    auto fed = replica_.feed(record.offset, record.value,
                             [&](const pb::LedgerEvent& event, const ledger::EventPlace&) {
                               sums_.add(event);
                               ++facts_.events[kind_name(event)];
                               if (event.origin().has_staff()) ++facts_.signatures;
                             });
    if (!fed) {
      halted(record, before, fed.error());
      return false;
    }
    if (record.offset == 0 && !took_genesis(record)) return false;
    switch (fed->verdict) {
      case events::Verdict::genesis:
        break;
      case events::Verdict::fence:
        took_fence(record, fed->record.fence());
        break;
      case events::Verdict::batch:
        ++facts_.batches;
        if (auto why = takeovers_.saw_batch(fed->record.batch()); !why.empty())
          add("writer_differs", record.offset,
              "The record is valid by the chain, but it is " + why);
        break;
      case events::Verdict::void_record:
        if (!took_void(record, before, fed->void_reason)) return false;
        break;
    }
    followed_ = replica_.chain();
    return head_as_known();
  }

  const ledger::State& state() const { return replica_.state(); }
  std::uint64_t next_offset() const { return replica_.chain().next_offset; }

  void damaged(std::uint64_t offset, const std::string& detail) {
    add(log::kLogDamaged, offset, detail);
  }

  LedgerFacts finish() {
    facts_.end = end_;
    facts_.chain = followed_;
    facts_.postings = sums_.postings();
    facts_.totals = sums_.totals(replica_.state());
    sums_.compare(replica_.state(), findings_);
    const auto& genesis = replica_.state().genesis;
    if (end_ == 0) add("ledger_empty", std::nullopt, "There is no ledger here.");
    if (!genesis.test_clock() && options_.now + kClockTolerance < facts_.chain.time) {
      add("time_in_future", std::nullopt,
          fmt::format("The last batch is of {}, which is not yet.", to_rfc3339(facts_.chain.time)));
    }
    if (options_.known_head && options_.known_head->records > end_) {
      add("head_differs", std::nullopt,
          fmt::format("The ledger ends after {} records, but {} were seen before: its end was cut.",
                      end_, options_.known_head->records));
    }
    return std::move(facts_);
  }

 private:
  void add(std::string code, std::optional<std::uint64_t> offset, std::string detail,
           std::optional<std::uint64_t> event_seq = std::nullopt) {
    findings_.add({Finding::Severity::error, std::move(code), "ledger", 0, offset, event_seq,
                   std::move(detail)});
  }

  void halted(const log::Record& record, const events::ChainState& before, const Error& error) {
    // Events are numbered; the chain itself fails before any of them.
    std::optional<std::uint64_t> seq;
    if (replica_.chain().next_offset != before.next_offset) seq = replica_.state().next_event_seq;
    add(error.code, record.offset, error.message + " Nothing after it can be followed.", seq);
  }

  bool took_genesis(const log::Record& record) {
    facts_.genesis = sha256(record.value);
    if (!options_.genesis || *options_.genesis == facts_.genesis) return true;
    add("genesis_differs", 0,
        fmt::format("The ledger begins with genesis {}, which is not the one that was given.",
                    to_hex(facts_.genesis.view())));
    return false;
  }

  void took_fence(const log::Record& record, const pb::Fence& fence) {
    takeovers_.saw_fence(fence);
    if (facts_.fences.size() < LedgerFacts::kListed) {
      facts_.fences.push_back(
          {record.offset, fence.epoch(), fence.owner_id(), Instant{fence.time_ms()}});
    }
  }

  bool took_void(const log::Record& record, const events::ChainState& before,
                 const std::string& reason) {
    auto why = takeovers_.explanation(before, record.value);
    const bool is_explained = !why.empty();
    if (facts_.voids.size() < LedgerFacts::kListed)
      facts_.voids.push_back({record.offset, reason, std::move(why)});
    if (is_explained) return true;
    if (goes_on_behind(record.offset)) {
      findings_.add({Finding::Severity::warning, "void_record", "ledger", 0, record.offset,
                     std::nullopt,
                     fmt::format("The record is void ({}), and no race for the ledger explains it. "
                                 "It has no effect, for the chain goes on behind it: somebody who "
                                 "should not appends here.",
                                 reason)});
      return true;
    }
    add("void_record", record.offset,
        fmt::format("The record is void ({}), and no race for the ledger explains it: it, or one "
                    "just before it, was changed, dropped, added or moved. Nothing after it can be "
                    "followed.",
                    reason));
    return false;
  }

  /// Whether the chain shows that the void record at `offset` was one for those who wrote on.
  bool goes_on_behind(std::uint64_t offset) {
    if (options_.exclusive) return false;
    if (offset < goes_on_at_) return true;
    const auto next = next_valid_batch(log_, replica_.chain(), end_);
    goes_on_at_ = next.value_or(0);
    return next.has_value();
  }

  bool head_as_known() {
    if (!options_.known_head || options_.known_head->records != next_offset()) return true;
    if (options_.known_head->head == replica_.chain().head) return true;
    add("head_differs", next_offset() - 1,
        fmt::format("After {} records the head is {}, and not the one that was given: one of them "
                    "was changed.",
                    next_offset(), to_hex(replica_.chain().head.view())));
    return false;
  }

  log::LogReader& log_;
  const std::uint64_t end_;
  const LedgerAuditOptions& options_;
  Findings& findings_;
  Takeovers takeovers_;
  std::uint64_t goes_on_at_ = 0;  ///< a valid batch ahead, where one was looked for
  ledger::Replica replica_;
  PostingSums sums_;
  LedgerFacts facts_;
  events::ChainState followed_;
};

}  // namespace

Result<LedgerFacts> audit_ledger(log::LogReader& log, const LedgerAuditOptions& options,
                                 Findings& findings, Progress& progress, const AtOffset& visit) {
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  LedgerAudit audit(log, *end, options, findings);
  bool follows = true;
  std::uint64_t next = 0;
  while (follows && next < *end) {
    auto records = log.read(log::Stream::ledger, 0, next, kReadRecords, kReadBytes);
    if (!records && records.error().code != log::kLogDamaged) return fail(records.error());
    if (!records || records->empty()) {
      audit.damaged(next, records ? "A record is missing in the middle." : records.error().message);
      follows = false;
      break;
    }
    for (const auto& record : *records) {
      if (visit) visit(next, audit.state());
      follows = audit.take(record);
      if (!follows) break;
      ++next;
    }
    progress.at("ledger", next, *end);
  }
  if (follows && visit) visit(next, audit.state());
  auto facts = audit.finish();
  facts.complete = follows;
  return facts;
}

}  // namespace fl::cli
