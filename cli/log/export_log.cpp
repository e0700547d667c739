#include "cli/log/export_log.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/audit/progress_line.hpp"
#include "cli/audit/show.hpp"
#include "cli/error_text.hpp"
#include "cli/log/stream_table.hpp"
#include "core/base/encoding.hpp"
#include "core/log/kafka_log_reader.hpp"
#include "core/log/log_export.hpp"

namespace fl::cli {
namespace {

const std::vector<log::Stream> kAll = {log::Stream::ledger, log::Stream::activity,
                                       log::Stream::jobs, log::Stream::secrets};

Failure grows(const LogSource& source) {
  return fail(ErrorClass::conflict, "log_grows", "",
              fmt::format("Records are appended to {}: stop every server first, or say "
                          "--while-running for a copy that is no move.",
                          source.name()));
}

/// Whether servers append: a directory's log is locked by its reader, so there nobody does.
Result<bool> has_grown(log::LogReader& log) {
  auto* kafka = dynamic_cast<log::KafkaLogReader*>(&log);
  return kafka ? kafka->has_grown() : Result<bool>(false);
}

struct Written {
  std::string ledger_id;
  log::ExportedLog log;
};

Result<Written> write(Environment& env, const LogExportOptions& options) {
  auto log = open_log(options.source, true, kAll);
  if (!log) return fail(log.error());
  auto id = ledger_id_of(**log);
  if (!id) return fail(id.error());
  Progress progress(progress_line(env, options.quiet));
  auto exported =
      log::export_log(**log, kAll, *id, env.now(), options.file, log_progress(progress, "writing"));
  if (!exported) return fail(exported.error());
  if (!options.while_running) {
    const auto grown = has_grown(**log);
    if (!grown || *grown) {
      std::error_code ignored;
      std::filesystem::remove(options.file, ignored);  // ours, made just now
      if (!grown) return fail(grown.error());
      return grows(options.source);
    }
  }
  return Written{std::move(*id), std::move(*exported)};
}

}  // namespace

ExitCode export_whole_log(Environment& env, const LogExportOptions& options) {
  const auto written = write(env, options);
  if (!written) {
    if (written.error().code == "log_grows") return report(written.error(), env.err);
    return report_unreadable(written.error(), env.err);
  }
  const auto& streams = written->log.streams;
  if (options.json) {
    nlohmann::ordered_json out{{"file", options.file},
                               {"ledger_id", to_hex(written->ledger_id)},
                               {"sha256", to_hex(written->log.trailer.digest.view())}};
    out["streams"] = streams_json(streams);
    env.out << out.dump(2) << "\n";
    return ExitCode::ok;
  }
  env.out << fmt::format("Wrote ledger {} to {}, digest {}\n", to_hex(written->ledger_id),
                         options.file, to_hex(written->log.trailer.digest.view()));
  print_streams(streams, env.out);
  env.out << "The file holds wrapped keys and password hashes: keep it to yourself (mode 0600).\n";
  return ExitCode::ok;
}

}  // namespace fl::cli
