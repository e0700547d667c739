#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/platform.hpp"
#include "cli/staff/staff_command.hpp"

namespace CLI {
class App;
}

namespace fl::cli {

/// What every signed command takes.
struct StaffOptions {
  std::string api = "http://127.0.0.1:8080";
  std::string key_file;
  CommandFrame frame;
  int timeout_seconds = 10;
  bool dry_run = false;
  bool json = false;
};

/// Adds them to a command; `reason_required` where auditors must be told why.
std::shared_ptr<StaffOptions> add_staff_options(CLI::App& command, bool reason_required);

/// Sets the command's body, asking the platform what it must; gives a sentence of what is done.
using FillCommand =
    std::function<Result<std::string>(Platform&, const PlatformHead&, pb::StaffCommand&)>;

/// Reads the head, fills, signs and sends; prints what came of it. The command's id is printed
/// before it is sent: whatever happens then, the same id can be used again.
ExitCode run_staff_command(Environment& env, const StaffOptions& options, const FillCommand& fill);

/// The account of a username, or why it cannot be told.
Result<PlatformUser> find_user(Platform& platform, const std::string& username);

}  // namespace fl::cli
