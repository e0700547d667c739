#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/audit/balance.hpp"
#include "cli/audit/log_source.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/audit/report.hpp"
#include "cli/audit/show.hpp"
#include "cli/audit/stored_read_models.hpp"
#include "cli/command_line.hpp"
#include "cli/error_text.hpp"
#include "core/base/encoding.hpp"
#include "core/log/log_export.hpp"

namespace fl::cli {
namespace {

struct VerifyArguments {
  LogSource source;
  std::string genesis;
  std::string known_head;
  bool exclusive = false;
  bool shared = false;
  bool json = false;
  bool quiet = false;
};

Failure malformed(const char* field, const char* rule) {
  return fail(ErrorClass::malformed, "hash_malformed", field, rule);
}

Result<VerifyOptions> read_options(const VerifyArguments& arguments, Instant now) {
  VerifyOptions options;
  options.ledger.now = now;
  options.ledger.exclusive =
      arguments.exclusive || (arguments.source.is_directory() && !arguments.shared);
  if (!arguments.genesis.empty()) {
    const auto hash = from_hex(arguments.genesis);
    if (!hash || hash->size() != 32)
      return malformed("--genesis", "A hash has 64 hexadecimal digits.");
    options.ledger.genesis = Digest::from(*hash);
  }
  if (!arguments.known_head.empty()) {
    const auto colon = arguments.known_head.find(':');
    const auto records = parse_amount(arguments.known_head.substr(0, colon), 0);
    const auto hash = colon == std::string::npos
                          ? std::nullopt
                          : from_hex(std::string_view(arguments.known_head).substr(colon + 1));
    if (!records || *records < 1 || !hash || hash->size() != 32) {
      return malformed("--known-head", "A head is RECORDS:HASH, as an audit prints it.");
    }
    options.ledger.known_head =
        KnownHead{static_cast<std::uint64_t>(*records), Digest::from(*hash)};
  }
  return options;
}

ExitCode verify(Environment& env, const VerifyArguments& arguments) {
  const auto started = env.now();
  auto options = read_options(arguments, started);
  if (!options) return report(options.error(), env.err);
  AuditReport result;
  if (auto log = open_log(arguments.source, true); log) {
    Progress progress(progress_line(env, arguments.quiet));
    std::optional<StoredReadModels> read_models;
    if (const auto directory = arguments.source.read_model_directory()) {
      read_models.emplace(*directory);
    }
    auto verified = verify_log(**log, *options, read_models ? &*read_models : nullptr, progress);
    if (!verified) return report_unreadable(verified.error(), env.err);
    result = std::move(*verified);
  } else if (log.error().code == log::kLogDamaged) {
    // The storage says what and where; nothing that rests on it is worth telling.
    result.findings.add({Finding::Severity::error, log.error().code, "storage", 0, std::nullopt,
                         std::nullopt, log.error().message});
    result.read_models_skipped = "the log is damaged";
  } else {
    return report_unreadable(log.error(), env.err);
  }
  const AuditFrame frame{arguments.source.name(), started,
                         static_cast<double>((env.now() - started).ms) / 1000};
  if (arguments.json) {
    env.out << report_json(result, frame).dump(2) << "\n";
  } else if (!arguments.quiet || result.findings.count() > 0) {
    print_report(result, frame, env.out);
  }
  return result.findings.count() == 0 ? ExitCode::ok : ExitCode::refused;
}

void add_verify(CLI::App& audit, Environment& env, Action& chosen) {
  auto* command = add_command(
      audit, "verify",
      "Replay everything and check it: chain, signatures, rules, double entry, rights.",
      "fanledger audit verify --export 2026.fllog --genesis 5f3c… --known-head 4711:9ab1…\n"
      "  fanledger audit verify --kafka broker1:9092,broker2:9092");
  auto arguments = std::make_shared<VerifyArguments>();
  arguments->source.add_to(*command);
  command->add_option("--genesis", arguments->genesis,
                      "SHA-256 of the first record, as you got it from elsewhere");
  command->add_option("--known-head", arguments->known_head,
                      "RECORDS:HASH of an earlier audit: what it saw must not have changed");
  auto* exclusive =
      command->add_flag("--exclusive", arguments->exclusive,
                        "Of an export: it comes from one machine, where no record is ever void");
  command
      ->add_flag("--shared", arguments->shared,
                 "Of a data directory: its log was on Kafka before, where a lost race leaves a "
                 "void record")
      ->excludes(exclusive);
  command->add_flag("--json", arguments->json, "Print the report as JSON");
  command->add_flag("--quiet", arguments->quiet, "Print nothing unless there are findings");
  command->callback([&env, &chosen, arguments] {
    chosen = [&env, arguments] { return verify(env, *arguments); };
  });
}

struct ExportArguments {
  LogSource source;
  std::string file;
  bool json = false;
};

ExitCode export_to_file(Environment& env, const ExportArguments& arguments) {
  auto log = open_log(arguments.source, true);
  if (!log) return report_unreadable(log.error(), env.err);
  auto id = ledger_id_of(**log);
  if (!id) return report_unreadable(id.error(), env.err);
  // What must stay forgettable is not exported, nor are jobs, which prove nothing.
  Progress progress(progress_line(env, arguments.json));
  auto written = log::export_log(**log, kAudited, *id, env.now(), arguments.file,
                                 log_progress(progress, "writing"));
  if (!written) return report_unreadable(written.error(), env.err);
  const auto* trailer = &written->trailer;
  std::uint64_t records = 0;
  for (const auto& place : trailer->places) records += place.records;
  if (arguments.json) {
    env.out << nlohmann::ordered_json{{"file", arguments.file},
                                      {"ledger_id", to_hex(*id)},
                                      {"records", records},
                                      {"sha256", to_hex(trailer->digest.view())}}
                   .dump(2)
            << "\n";
  } else {
    env.out << fmt::format("Wrote {} records of ledger {} to {}.\nDigest {}\n", records,
                           to_hex(*id), arguments.file, to_hex(trailer->digest.view()));
  }
  return ExitCode::ok;
}

void add_export(CLI::App& audit, Environment& env, Action& chosen) {
  auto* command =
      add_command(audit, "export", "Write ledger and activity to one file that anybody can verify.",
                  "fanledger audit export --data /var/lib/fanledger 2026.fllog");
  auto arguments = std::make_shared<ExportArguments>();
  command->add_option("FILE", arguments->file, "The new file")->required();
  arguments->source.add_log_to(*command);
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([&env, &chosen, arguments] {
    chosen = [&env, arguments] { return export_to_file(env, *arguments); };
  });
}

void add_show(CLI::App& audit, Environment& env, Action& chosen) {
  auto* command =
      add_command(audit, "show", "Print the ledger's events as JSON, one a line.",
                  "fanledger audit show --data /var/lib/fanledger --from 4711 --count 5");
  auto source = std::make_shared<LogSource>();
  auto options = std::make_shared<ShowOptions>();
  source->add_to(*command);
  command->add_option("--from", options->from, "The first event's number")->capture_default_str();
  command->add_option("--count", options->count, "At most so many lines")->capture_default_str();
  command->add_flag("--records", options->records, "Genesis, fences and void records too");
  command->add_flag_callback(
      "--json", [] {}, "The output is JSON in any case");
  command->callback([&env, &chosen, source, options] {
    chosen = [&env, source, options] {
      auto log = open_log(*source, false);
      if (!log) return report_unreadable(log.error(), env.err);
      if (auto s = show_events(**log, *options, env.out); !s)
        return report_unreadable(s.error(), env.err);
      return ExitCode::ok;
    };
  });
}

struct BalanceArguments {
  LogSource source;
  std::string account;
  bool json = false;
};

void add_balance(CLI::App& audit, Environment& env, Action& chosen) {
  auto* command =
      add_command(audit, "balance", "Print what an account holds, by a fold of the whole ledger.",
                  "fanledger audit balance ana --data /var/lib/fanledger");
  auto arguments = std::make_shared<BalanceArguments>();
  command->add_option("ACCOUNT", arguments->account, "Username, or acc_…")->required();
  arguments->source.add_to(*command);
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([&env, &chosen, arguments] {
    chosen = [&env, arguments] {
      auto log = open_log(arguments->source, false);
      if (!log) return report_unreadable(log.error(), env.err);
      auto sheet = balance_of(**log, arguments->account);
      if (!sheet) {
        if (sheet.error().kind == ErrorClass::not_found) return report(sheet.error(), env.err);
        return report_unreadable(sheet.error(), env.err);
      }
      print_balance(*sheet, arguments->json, env.out);
      return ExitCode::ok;
    };
  });
}

}  // namespace

void add_audit_commands(CLI::App& app, Environment& env, Action& chosen) {
  auto* audit = add_group(app, "audit", "Replay, check and show a log");
  add_verify(*audit, env, chosen);
  add_export(*audit, env, chosen);
  add_show(*audit, env, chosen);
  add_balance(*audit, env, chosen);
}

}  // namespace fl::cli
