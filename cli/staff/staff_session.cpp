#include "cli/staff/staff_session.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/audit/event_json.hpp"
#include "cli/error_text.hpp"
#include "core/base/encoding.hpp"
#include "core/ledger/state.hpp"

namespace fl::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostCommandIdBytes = 255;
constexpr std::size_t kMostReasonBytes = 1000;

Status check_frame(const CommandFrame& frame) {
  if (frame.command_id.empty() || frame.command_id.size() > kMostCommandIdBytes) {
    return fail(ErrorClass::malformed, "command_id_length", "--command-id",
                fmt::format("A command id has 1 to {} bytes.", kMostCommandIdBytes));
  }
  if (frame.reason.size() > kMostReasonBytes) {
    return fail(ErrorClass::malformed, "field_too_long", "--reason",
                fmt::format("A reason has at most {} bytes.", kMostReasonBytes));
  }
  return {};
}

void print_dry_run(Environment& env, const StaffOptions& options, const pb::StaffCommand& command,
                   const SecretSeed& seed, const std::string& deed) {
  const auto bytes = events::encode(command);
  if (options.json) {
    env.out << ordered_json{{"dry_run", true},
                            {"does", deed},
                            {"key", seed.key_id().str()},
                            {"command_id", command.command_id()},
                            {"command", message_json(command)},
                            {"bytes", to_base64(bytes)}}
                   .dump(2)
            << "\n";
    return;
  }
  env.out << "Would " << deed << ".\n"
          << "Nothing was sent. The command that " << seed.key_id().str() << " would sign:\n"
          << message_json(command).dump(2) << "\n";
}

void print_done(Environment& env, const StaffOptions& options, const pb::StaffCommand& command,
                const SignedCommand& sent, const CommandReceipt& receipt, const std::string& deed) {
  if (options.json) {
    env.out << ordered_json{{"done", deed},
                            {"repeated", receipt.repeated},
                            {"event_seq", receipt.event_seq},
                            {"position", receipt.position},
                            {"key", sent.key.str()},
                            {"command_id", command.command_id()}}
                   .dump(2)
            << "\n";
    return;
  }
  env.out << (receipt.repeated ? "Was done before, and not again: " : "Done: ") << deed << ".\n"
          << "Event " << receipt.event_seq << " at " << receipt.position << ".\n";
}

}  // namespace

std::shared_ptr<StaffOptions> add_staff_options(CLI::App& command, bool reason_required) {
  auto options = std::make_shared<StaffOptions>();
  auto& o = *options;
  command.add_option("--api", o.api, "Address of the platform")
      ->envname("FANLEDGER_API")
      ->capture_default_str();
  command.add_option("--key", o.key_file, "File of your secret key (never on the command line)")
      ->envname("FANLEDGER_STAFF_KEY")
      ->required();
  auto* reason =
      command.add_option("--reason", o.frame.reason, "Why; signed, and shown to auditors");
  if (reason_required) reason->required();
  o.frame.command_id = random_command_id();
  command.add_option("--command-id", o.frame.command_id,
                     "The id of the command: to try again without doing it twice, give the id that "
                     "was printed (default: a random one)");
  command.add_option("--expires", o.frame.seconds_valid, "Seconds that the signature is valid")
      ->check(CLI::Range(1, kMostSecondsValid))
      ->capture_default_str();
  command.add_option("--timeout", o.timeout_seconds, "Seconds to wait for one answer")
      ->check(CLI::Range(1, 120))
      ->capture_default_str();
  command.add_flag("--dry-run", o.dry_run, "Print the command that would be signed, send nothing");
  command.add_flag("--json", o.json, "Print the result as JSON");
  return options;
}

ExitCode run_staff_command(Environment& env, const StaffOptions& options, const FillCommand& fill) {
  if (auto status = check_frame(options.frame); !status) return report(status.error(), env.err);
  auto seed = read_secret_key(options.key_file);
  if (!seed) return report(seed.error(), env.err);
  auto http = env.connect(options.api, std::chrono::seconds(options.timeout_seconds));
  if (!http) return report(http.error(), env.err);
  Platform platform(**http, env.pause);
  auto head = platform.head();
  if (!head) return report(head.error(), env.err);
  pb::StaffCommand command;
  auto deed = fill(platform, *head, command);
  if (!deed) return report(deed.error(), env.err);
  frame_command(command, *head, env.now(), options.frame);
  if (options.dry_run) {
    print_dry_run(env, options, command, *seed, *deed);
    return ExitCode::ok;
  }
  const auto& id = options.frame.command_id;
  env.err << "Command id: " << id << std::endl;
  const auto sent = sign_command(*seed, command);
  auto receipt = platform.submit(sent);
  if (!receipt) {
    const auto code = report(receipt.error(), env.err);
    if (code == ExitCode::unreachable) {
      env.err << "It is not known whether it was done: repeat it with --command-id " << id
              << ", which does it once at most.\n";
    }
    return code;
  }
  print_done(env, options, command, sent, *receipt, *deed);
  return ExitCode::ok;
}

Result<PlatformUser> find_user(Platform& platform, const std::string& username) {
  auto user = platform.user(username);
  if (!user) return fail(user.error());
  // What is signed is the id. An answer about somebody else must not get a signature.
  if (ledger::lower_case(user->username) != ledger::lower_case(username)) {
    return fail(ErrorClass::unavailable, "answer_unreadable", "USERNAME",
                "The platform answers with another user than was asked for.");
  }
  return user;
}

}  // namespace fl::cli
