#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/audit/ledger_audit.hpp"
#include "cli/bench/http_load.hpp"
#include "cli/bench/raw_limits.hpp"
#include "cli/bench/sandbox.hpp"
#include "cli/command_line.hpp"
#include "cli/error_text.hpp"

namespace fl::cli {
namespace {

using nlohmann::json;

struct LedgerOptions {
  std::filesystem::path folder = ".";
  std::size_t tips = 200'000;
  std::size_t fans = 10'000;
  std::size_t creators = 1'000;
  bool as_json = false;
};

/// Figures of one run, for people or programs. Ratios compare both sides on the same work.
void print(std::ostream& out, bool as_json, const json& figures) {
  if (as_json) {
    out << figures.dump(2) << "\n";
    return;
  }
  for (const auto& [name, value] : figures.items()) {
    out << fmt::format(
        "{:<34} {}\n", name,
        value.is_number_float() ? fmt::format("{:.3f}", value.get<double>()) : value.dump());
  }
}

Result<std::vector<std::string>> all_records(log::LogReader& log) {
  std::vector<std::string> out;
  while (true) {
    auto records = log.read(log::Stream::ledger, 0, out.size(), 1024, 64 << 20);
    if (!records) return fail(records.error());
    if (records->empty()) return out;
    for (auto& record : *records) out.push_back(std::move(record.value));
  }
}

Result<json> bench_ledger(const LedgerOptions& options) {
  json figures;
  figures["tips"] = options.tips;
  figures["accounts"] = options.fans + options.creators;
  for (const bool views : {false, true}) {
    auto sandbox = Sandbox::make(options.folder, options.fans, options.creators, views);
    if (!sandbox) return fail(sandbox.error());
    const auto before = (*sandbox)->owner().head().next_offset;
    const auto timing = (*sandbox)->run((*sandbox)->tips(options.tips));
    if (timing.refused > 0) {
      return fail(ErrorClass::unavailable, "tips_refused", "", "Some tips were refused.");
    }
    const auto tips = static_cast<double>(options.tips);
    if (views) {
      figures["accepted_per_s_with_views"] = tips / timing.accepted_seconds;
      if (!timing.applied_seconds) {
        return fail(ErrorClass::unavailable, "views_behind", "",
                    "The read models did not follow in time: there is no figure for them.");
      }
      figures["kept_up_per_s"] = tips / *timing.applied_seconds;
      continue;
    }
    auto records = all_records((*sandbox)->log());
    if (!records) return fail(records.error());
    records->erase(records->begin(), records->begin() + static_cast<std::ptrdiff_t>(before));
    auto raw = measure_raw_limits((*sandbox)->folder(), *records);
    if (!raw) return fail(raw.error());
    figures["accepted_per_s"] = tips / timing.accepted_seconds;
    figures["records"] = records->size();
    figures["bytes_per_tip"] = static_cast<double>(raw->bytes) / tips;
    figures["raw_synced_appends_tips_per_s"] = tips / raw->append_seconds;
    figures["raw_hash_tips_per_s"] = tips / raw->hash_seconds;
    figures["ratio_to_raw_synced_appends"] = raw->append_seconds / timing.accepted_seconds;
    figures["ratio_to_hash_alone"] = raw->hash_seconds / timing.accepted_seconds;
  }
  return figures;
}

/// What `audit verify` does with the ledger, from the log on disk to the last comparison.
Result<json> bench_replay(const LedgerOptions& options, const Environment& env) {
  auto sandbox = Sandbox::make(options.folder, options.fans, options.creators, false);
  if (!sandbox) return fail(sandbox.error());
  if ((*sandbox)->run((*sandbox)->tips(options.tips)).refused > 0) {
    return fail(ErrorClass::unavailable, "tips_refused", "", "Some tips were refused.");
  }
  LedgerAuditOptions checks;
  checks.exclusive = true;
  checks.now = env.now();
  Findings findings;
  Progress silent;
  const auto begin = std::chrono::steady_clock::now();
  auto ledger = audit_ledger((*sandbox)->log(), checks, findings, silent,
                             [](std::uint64_t, const ledger::State&) {});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (!ledger) return fail(ledger.error());
  if (findings.count() > 0 || !ledger->complete) {
    return fail(ErrorClass::unavailable, "audit_has_findings", "",
                "The audit of the sandbox found something: its time is no figure.");
  }
  auto records = all_records((*sandbox)->log());
  if (!records) return fail(records.error());
  auto raw = measure_raw_limits((*sandbox)->folder(), *records);
  if (!raw) return fail(raw.error());
  const auto events = static_cast<double>(ledger->chain.next_event_seq);
  return json{{"events", ledger->chain.next_event_seq},
              {"staff_signatures", ledger->signatures},
              {"postings", ledger->postings},
              {"replayed_per_s", events / seconds.count()},
              {"hash_alone_per_s", events / raw->hash_seconds},
              {"ratio_to_hash_alone", raw->hash_seconds / seconds.count()}};
}

ExitCode finish(Environment& env, bool as_json, const Result<json>& figures) {
  if (!figures) return report(figures.error(), env.err);
  print(env.out, as_json, *figures);
  return ExitCode::ok;
}

CLI::App* add_ledger_options(CLI::App* command, LedgerOptions& options) {
  command->add_option("--dir", options.folder, "Where to work: its disk is what is measured")
      ->capture_default_str();
  command->add_option("--tips", options.tips, "Tips to make")
      ->check(CLI::Range(1'000, 4'000'000))
      ->capture_default_str();
  command->add_option("--fans", options.fans, "Accounts that pay")->capture_default_str();
  command->add_option("--creators", options.creators, "Accounts that earn")->capture_default_str();
  command->add_flag("--json", options.as_json, "Print JSON");
  return command;
}

}  // namespace

void add_bench_commands(CLI::App& app, Environment& env, Action& chosen) {
  auto* group = add_group(app, "bench", "Measure this machine: figures and ratios, not tests");
  auto ledger = std::make_shared<LedgerOptions>();
  add_ledger_options(
      add_command(*group, "ledger",
                  "Tips through the owner into the log, with and without read models",
                  "fanledger bench ledger --tips 200000 --json"),
      *ledger)
      ->callback([ledger, &env, &chosen] {
        chosen = [ledger, &env] { return finish(env, ledger->as_json, bench_ledger(*ledger)); };
      });
  auto replay = std::make_shared<LedgerOptions>();
  add_ledger_options(
      add_command(*group, "replay",
                  "The auditor's replay, from the log: chain, tree, rules, signatures, sums",
                  "fanledger bench replay --tips 200000 --json"),
      *replay)
      ->callback([replay, &env, &chosen] {
        chosen = [replay, &env] {
          return finish(env, replay->as_json, bench_replay(*replay, env));
        };
      });
  auto http = std::make_shared<HttpLoad>();
  auto* command = add_command(*group, "http",
                              "One durable command a request, at a fixed rate (open loop), against "
                              "a running platform; signs up a creator of its own",
                              "fanledger bench http --api http://127.0.0.1:8080 --rate 2000");
  command->add_option("--api", http->url, "Address of the platform")->capture_default_str();
  command->add_option("--rate", http->rate, "Requests a second, whatever the answers do")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_option("--seconds", http->seconds, "How long")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--connections", http->connections, "Connections")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag("--json", http->as_json, "Print JSON");
  command->callback([http, &env, &chosen] {
    chosen = [http, &env] { return finish(env, http->as_json, run_http_load(*http)); };
  });
}

}  // namespace fl::cli
