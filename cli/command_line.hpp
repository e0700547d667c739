#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace fl::cli {

/// What the parsed command line asks for. Each command sets it from its callback; its options live
/// as long as it does.
using Action = std::function<ExitCode()>;

/// A subcommand with an example and the exit codes below its help.
inline CLI::App* add_command(CLI::App& parent, const std::string& name,
                             const std::string& description, const std::string& example) {
  auto* command = parent.add_subcommand(name, description);
  command->footer("Example:\n  " + example + "\n\n" + kExitCodesHelp);
  return command;
}

/// A subcommand that is a group of others.
inline CLI::App* add_group(CLI::App& parent, const std::string& name,
                           const std::string& description) {
  auto* group = parent.add_subcommand(name, description);
  group->require_subcommand(1);
  group->footer(kExitCodesHelp);
  return group;
}

// Each adds its commands; `env` and `chosen` outlive the app.
void add_admin_commands(CLI::App& app, Environment& env, Action& chosen);
void add_staff_commands(CLI::App& app, Environment& env, Action& chosen);
void add_audit_commands(CLI::App& app, Environment& env, Action& chosen);
void add_log_commands(CLI::App& app, Environment& env, Action& chosen);
void add_bench_commands(CLI::App& app, Environment& env, Action& chosen);

}  // namespace fl::cli
