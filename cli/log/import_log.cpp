#include "cli/log/import_log.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "api/data_folder.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/error_text.hpp"
#include "cli/log/stream_table.hpp"
#include "core/base/encoding.hpp"
#include "core/log/embedded_import.hpp"
#include "core/log/kafka_import.hpp"

namespace fl::cli {
namespace {

struct Imported {
  log::LogFileHeader header;
  std::vector<log::StreamDigest> in_file;
  std::vector<log::StreamDigest> in_log;
  bool resumed = false;
};

/// Whether the file holds a whole log, and not what an auditor gets.
Status check_whole(const log::LogFileHeader& header, const std::string& file) {
  using log::Stream;
  bool right = header.streams.size() == log::kStreams;
  for (const auto& config : header.streams) {
    right = right && config.compacted == (config.stream == Stream::secrets) &&
            (config.stream != Stream::ledger || config.partitions == 1);
  }
  if (right) return {};
  return fail(ErrorClass::refused, "not_a_whole_log", file,
              "The file does not hold the streams of a whole log: it is not from `log export`.");
}

Result<std::unique_ptr<log::LogImport>> begin(const LogImportOptions& options,
                                              const std::vector<log::StreamConfig>& streams) {
  if (options.kafka.given()) {
    auto settings = options.kafka.options();
    if (!settings) return fail(settings.error());
    auto begun = log::KafkaImport::begin(streams, std::move(*settings));
    if (!begun) return fail(begun.error());
    return std::unique_ptr<log::LogImport>(std::move(*begun));
  }
  namespace fs = std::filesystem;
  const api::DataFolder folder(options.data);
  std::error_code error;
  if (fs::create_directories(folder.root(), error))
    fs::permissions(folder.root(), fs::perms::owner_all, error);
  if (error)
    return fail(ErrorClass::unavailable, "storage_failed", "--data",
                folder.root().string() + ": " + error.message());
  auto begun = log::EmbeddedImport::begin(folder.log(), streams);
  if (!begun) return fail(begun.error());
  return std::unique_ptr<log::LogImport>(std::move(*begun));
}

Status check_same(const Imported& imported) {
  for (std::size_t i = 0; i < imported.in_file.size(); ++i) {
    const auto& in_file = imported.in_file[i];
    if (in_file == imported.in_log.at(i)) continue;
    return fail(ErrorClass::unavailable, "import_differs", to_string(in_file.stream),
                fmt::format("The stream {} reads back with the digest {} and not with {}: what was "
                            "imported is no log. Delete it, and begin anew.",
                            to_string(in_file.stream), to_hex(imported.in_log.at(i).digest.view()),
                            to_hex(in_file.digest.view())));
  }
  return {};
}

Result<Imported> import(Environment& env, const LogImportOptions& options) {
  Progress progress(progress_line(env, options.quiet));
  Imported out;
  {
    const auto scanner = log::LogFileScanner::open(options.file);
    if (!scanner) return fail(scanner.error());
    out.header = (*scanner)->header();
  }
  if (auto whole = check_whole(out.header, options.file); !whole) return fail(whole.error());
  auto checked = log::check_file(options.file, log_progress(progress, "checking the file"));
  if (!checked) return fail(checked.error());
  auto target = begin(options, out.header.streams);
  if (!target) return fail(target.error());
  out.resumed = (*target)->resumed();
  auto scanner = log::LogFileScanner::open(options.file);
  if (!scanner) return fail(scanner.error());
  auto in_file =
      log::import_records(**scanner, (*target)->log(), log_progress(progress, "importing"));
  if (!in_file) return fail(in_file.error());
  out.in_file = std::move(*in_file);
  auto in_log = log::digests_of((*target)->log(), log_progress(progress, "reading back"));
  if (!in_log) return fail(in_log.error());
  out.in_log = std::move(*in_log);
  if (auto same = check_same(out); !same) return fail(same.error());
  if (auto finished = (*target)->finish(); !finished) return fail(finished.error());
  return out;
}

}  // namespace

ExitCode import_whole_log(Environment& env, const LogImportOptions& options) {
  const auto imported = import(env, options);
  if (!imported) {
    if (imported.error().kind == ErrorClass::malformed)
      return report_unreadable(imported.error(), env.err);
    return report(imported.error(), env.err);
  }
  const auto target = options.kafka.given() ? options.kafka.bootstrap : options.data;
  if (options.json) {
    nlohmann::ordered_json out{{"file", options.file},
                               {"target", target},
                               {"ledger_id", to_hex(imported->header.ledger_id)},
                               {"resumed", imported->resumed}};
    out["streams_in_file"] = streams_json(imported->in_file);
    out["streams_in_log"] = streams_json(imported->in_log);
    env.out << out.dump(2) << "\n";
    return ExitCode::ok;
  }
  env.out << fmt::format("{} ledger {} from {}\nIn the file:\n",
                         imported->resumed ? "Finished the import of" : "Imported",
                         to_hex(imported->header.ledger_id), options.file);
  print_streams(imported->in_file, env.out);
  env.out << fmt::format("Read back from {}, the same:\n", target);
  print_streams(imported->in_log, env.out);
  return ExitCode::ok;
}

}  // namespace fl::cli
