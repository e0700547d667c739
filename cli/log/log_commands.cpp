#include "cli/audit/log_source.hpp"
#include "cli/command_line.hpp"
#include "cli/log/export_log.hpp"
#include "cli/log/import_log.hpp"

namespace fl::cli {
namespace {

constexpr const char* kNotMoved =
    "\n\nNot in the file: keys, blobs, uploads, identity documents, mail and sources, which are "
    "files; the positions of consumer groups and of the dispatcher, snapshots and read models, "
    "which are derived anew (a job that has ended is recognised by its end).";

void add_export(CLI::App& group, Environment& env, Action& chosen) {
  auto* command = add_command(
      group, "export",
      std::string(
          "Write all streams of a stopped platform's log to one file. It holds wrapped keys "
          "and password hashes: its owner alone may read it (mode 0600), and it must be "
          "deleted when it has done its service, or erased people are still in it. For "
          "auditors there is `audit export`, which has none of that.") +
          kNotMoved,
      "fanledger log export --data /var/lib/fanledger whole.fllog\n"
      "  fanledger log export --kafka broker1:9092 --while-running backup.fllog");
  auto options = std::make_shared<LogExportOptions>();
  command->add_option("FILE", options->file, "The new file")->required();
  options->source.add_log_to(*command);
  command->add_flag("--while-running", options->while_running,
                    "Of Kafka, a copy for safe-keeping while servers append: what comes after its "
                    "beginning is not in it");
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->add_flag("--quiet", options->quiet, "Show no progress");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] { return export_whole_log(env, *options); };
  });
}

void add_import(CLI::App& group, Environment& env, Action& chosen) {
  auto* command = add_command(
      group, "import",
      std::string(
          "Fill an empty log with all that a file of `log export` holds: ledger and activity "
          "at the same offsets, so that every position and proof stays. Everything is read "
          "back and compared. An import that was cut off cannot be mistaken for a log: no "
          "server opens it, and the same command goes on with it. Partitions are as in the "
          "file.") +
          kNotMoved,
      "fanledger log import whole.fllog --kafka broker1:9092,broker2:9092 --replication 3\n"
      "  fanledger log import whole.fllog --data /var/lib/fanledger");
  auto options = std::make_shared<LogImportOptions>();
  command->add_option("FILE", options->file, "File written by `log export`")->required();
  options->kafka.add_to(*command, false);
  options->kafka.add_replication_to(*command);
  auto* target = command->add_option_group("target", "The empty log");
  target->add_option("--data", options->data, "Data directory; the log goes to DIR/log");
  target->add_option(command->get_option("--kafka"));
  target->require_option(1);
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->add_flag("--quiet", options->quiet, "Show no progress");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] { return import_whole_log(env, *options); };
  });
}

}  // namespace

void add_log_commands(CLI::App& app, Environment& env, Action& chosen) {
  auto* group = add_group(app, "log", "Move a whole log: from one machine to Kafka, and back");
  add_export(*group, env, chosen);
  add_import(*group, env, chosen);
}

}  // namespace fl::cli
