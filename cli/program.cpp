#include "cli/program.hpp"

#include <algorithm>
#include <ostream>

#include "cli/command_line.hpp"

namespace fl::cli {

ExitCode run(std::vector<std::string> arguments, Environment& env) {
  CLI::App app("fanledger: staff commands, keys, audits and logs of a fanledger platform.",
               "fanledger");
  app.require_subcommand(1);
  app.footer(std::string("Each command has its own --help, with an example.\n") + kExitCodesHelp);
  Action chosen;
  add_admin_commands(app, env, chosen);
  add_staff_commands(app, env, chosen);
  add_audit_commands(app, env, chosen);
  add_log_commands(app, env, chosen);
  add_bench_commands(app, env, chosen);
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error, env.out, env.err);  // help
      return ExitCode::ok;
    }
    env.err << "fanledger: " << error.what() << " (see --help)\n";
    return ExitCode::usage;
  }
  return chosen();
}

}  // namespace fl::cli
