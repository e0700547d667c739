#include "cli/audit/report.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

using nlohmann::ordered_json;

/// In major units. A total that 64 bits cannot hold is shown in minor units.
std::string money(Int128 amount, const CurrencyTotals& totals) {
  const auto currency = Currency::parse(totals.currency);
  if (!currency || amount > std::numeric_limits<Amount>::max() ||
      amount < std::numeric_limits<Amount>::min()) {
    return to_text(amount) + " minor units of " + totals.currency;
  }
  return format_money({static_cast<Amount>(amount), *currency}, totals.decimals);
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

void print_ledger(const LedgerFacts& ledger, std::ostream& out) {
  fmt::print(out,
             "Ledger      {} of {} records: {} batches with {} events, {} fences, {} void\n"
             "Checked     chain, tree and rules of each event; {} staff signatures; {} postings\n",
             ledger.chain.next_offset, ledger.end, ledger.batches, sum_of(ledger.events),
             ledger.chain.fence_count, ledger.chain.void_count, ledger.signatures, ledger.postings);
  for (const auto& [name, count] : ledger.events) fmt::print(out, "  {:24} {}\n", name, count);
  for (const auto& fence : ledger.fences) {
    fmt::print(out, "Fence       record {}: epoch {}, owner {}, {}\n", fence.offset, fence.epoch,
               fence.owner_id, to_rfc3339(fence.time));
  }
  for (const auto& each : ledger.voids) {
    fmt::print(out, "Void        record {}: {}; {}\n", each.offset, each.reason,
               each.explanation.empty() ? "no race explains it" : each.explanation);
  }
  for (const auto& [code, t] : ledger.totals) {
    fmt::print(out, "{:11} deposits {} = wallets {} + earnings {} + fees {}; sum {}\n", code,
               money(t.deposits, t), money(t.wallets, t), money(t.earnings, t), money(t.fees, t),
               money(t.sum(), t));
  }
}

void print_activity(const AuditReport& report, std::ostream& out) {
  std::uint64_t records = 0;
  for (const auto& each : report.activity) records += each.records;
  fmt::print(out, "Activity    {} records in {} partitions; {} rights held against the ledger\n",
             records, report.activity.size(), report.rights_checked);
  if (report.rights_unchecked > 0) {
    fmt::print(out, "            {} rights NOT checked: the ledger could not be followed so far\n",
               report.rights_unchecked);
  }
  for (const auto& [name, count] : report.activity_events)
    fmt::print(out, "  {:24} {}\n", name, count);
}

}  // namespace

void print_report(const AuditReport& report, const AuditFrame& frame, std::ostream& out) {
  const auto& ledger = report.ledger;
  fmt::print(out, "Audit of {}, {}, {:.1f} s\n", frame.source, to_rfc3339(frame.started),
             frame.seconds);
  fmt::print(out, "Ledger id   {}\nGenesis     {}\n", to_hex(ledger.chain.ledger_id),
             to_hex(ledger.genesis.view()));
  print_ledger(ledger, out);
  print_activity(report, out);
  if (report.read_models) {
    fmt::print(out, "Read models {} rows compared with the log, {} differ\n",
               report.read_models->rows, report.read_models->differences);
  } else {
    fmt::print(out, "Read models not checked: {}\n", report.read_models_skipped);
  }
  fmt::print(out, "Head        {}:{}\n", ledger.chain.next_offset,
             to_hex(ledger.chain.head.view()));
  for (const auto& finding : report.findings.kept()) {
    fmt::print(out, "{:11} {}: {}: {}\n", to_string(finding.severity), place_of(finding),
               finding.code, finding.detail);
  }
  if (report.findings.count() > report.findings.kept().size()) {
    fmt::print(out, "… and {} more.\n", report.findings.count() - report.findings.kept().size());
  }
  if (report.findings.count() == 0) {
    fmt::print(out, "Result      everything that was checked holds\n");
  } else {
    fmt::print(out, "Result      {} finding(s)\n", report.findings.count());
  }
}

ordered_json report_json(const AuditReport& report, const AuditFrame& frame) {
  const auto& ledger = report.ledger;
  ordered_json out;
  out["ok"] = report.findings.count() == 0;
  out["source"] = frame.source;
  out["started"] = to_rfc3339(frame.started);
  out["seconds"] = frame.seconds;
  out["ledger_id"] = to_hex(ledger.chain.ledger_id);
  out["genesis"] = to_hex(ledger.genesis.view());
  out["head"] = {{"records", ledger.chain.next_offset},
                 {"hash", to_hex(ledger.chain.head.view())},
                 {"void_hash", to_hex(ledger.chain.void_head.view())}};
  out["ledger"] = {{"end", ledger.end},
                   {"complete", ledger.complete},
                   {"time", to_rfc3339(ledger.chain.time)},
                   {"batches", ledger.batches},
                   {"events", sum_of(ledger.events)},
                   {"events_by_kind", ledger.events},
                   {"staff_signatures", ledger.signatures},
                   {"postings", ledger.postings},
                   {"fence_count", ledger.chain.fence_count},
                   {"void_count", ledger.chain.void_count}};
  auto& fences = out["fences"] = ordered_json::array();
  for (const auto& fence : ledger.fences) {
    fences.push_back({{"offset", fence.offset},
                      {"epoch", fence.epoch},
                      {"owner_id", fence.owner_id},
                      {"time", to_rfc3339(fence.time)}});
  }
  auto& voids = out["voids"] = ordered_json::array();
  for (const auto& each : ledger.voids) {
    voids.push_back({{"offset", each.offset},
                     {"reason", each.reason},
                     {"explanation", each.explanation.empty() ? ordered_json(nullptr)
                                                              : ordered_json(each.explanation)}});
  }
  auto& totals = out["totals"] = ordered_json::array();
  for (const auto& [code, t] : ledger.totals) {  // as text: a sum may be more than a number holds
    totals.push_back({{"currency", code},
                      {"decimals", t.decimals},
                      {"deposits", to_text(t.deposits)},
                      {"wallets", to_text(t.wallets)},
                      {"earnings", to_text(t.earnings)},
                      {"fees", to_text(t.fees)},
                      {"sum", to_text(t.sum())}});
  }
  auto& partitions = out["activity"]["partitions"] = ordered_json::array();
  for (const auto& each : report.activity) {
    partitions.push_back({{"partition", each.partition},
                          {"records", each.records},
                          {"end", each.end},
                          {"hash", to_hex(each.head.view())}});
  }
  out["activity"]["events_by_kind"] = report.activity_events;
  out["activity"]["rights_checked"] = report.rights_checked;
  out["activity"]["rights_unchecked"] = report.rights_unchecked;
  if (report.read_models) {
    out["read_models"] = {{"rows", report.read_models->rows},
                          {"differences", report.read_models->differences}};
  } else {
    out["read_models"] = {{"skipped", report.read_models_skipped}};
  }
  out["finding_count"] = report.findings.count();
  auto& findings = out["findings"] = ordered_json::array();
  for (const auto& finding : report.findings.kept()) {
    findings.push_back(
        {{"severity", to_string(finding.severity)},
         {"code", finding.code},
         {"stream", finding.stream},
         {"partition", finding.partition},
         {"offset", finding.offset ? ordered_json(*finding.offset) : nullptr},
         {"event_seq", finding.event_seq ? ordered_json(*finding.event_seq) : nullptr},
         {"detail", finding.detail}});
  }
  return out;
}

}  // namespace fl::cli
