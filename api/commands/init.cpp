#include "api/commands/init.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "api/data_folder.hpp"
#include "core/base/encoding.hpp"
#include "core/events/signature.hpp"
#include "core/log/embedded_log.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/genesis.hpp"
#include "core/secrets/durable_file.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/random.hpp"

namespace fl::api {
namespace {

struct Options {
  std::filesystem::path data = "data";
  std::filesystem::path admin_key;
};

/// The public key in a file as `fanledger admin key create` writes it: comment lines, then hex.
Result<std::string> read_public_key(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto key = from_hex(line);
    if (key && key->size() == events::kPublicKeyBytes) return *key;
    break;
  }
  return fail(ErrorClass::malformed, "public_key_unreadable", "admin-key",
              file.string() + " holds no Ed25519 public key (64 hex digits).");
}

Status init(const Options& options) {
  auto admin_key = read_public_key(options.admin_key);
  if (!admin_key) return fail(admin_key.error());
  const DataFolder folder(options.data);
  std::error_code error;
  if (std::filesystem::exists(folder.log(), error)) {
    return fail(ErrorClass::conflict, "ledger_exists", "data",
                options.data.string() + " holds a platform already: it is made once.");
  }
  std::filesystem::create_directories(options.data, error);
  if (!error) {
    std::filesystem::permissions(options.data, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return fail(ErrorClass::unavailable, "storage_failed", "data",
                options.data.string() + ": " + error.message());
  }
  secrets::SystemRandom random;
  if (auto keys = secrets::Keyring::create(options.data, random); !keys) return keys;
  const auto checkpoint = secrets::SecretKey::random(random);
  if (auto written =
          secrets::write_new_file(options.data / "keys" / "checkpoint.seed",
                                  "# Ed25519 seed that signs this ledger's checkpoints\n" +
                                      to_hex(checkpoint.view()) + "\n",
                                  0600);
      !written) {
    return written;
  }
  auto log = log::EmbeddedLog::open(folder.log(), embedded_streams());
  if (!log) return fail(log.error());
  const auto genesis =
      owner::default_genesis(random.bytes(16), *admin_key, events::public_key_of(checkpoint.view()),
                             owner::SystemClock().now());
  if (auto written = owner::write_genesis(**log, genesis); !written) return written;
  pb::LedgerRecord record;
  *record.mutable_genesis() = genesis;
  fmt::print("ledger   {}\ngenesis  {}\nadmin    {}\ndata     {}\n", to_hex(genesis.ledger_id()),
             to_hex(sha256(events::encode(record)).view()), events::key_id_of(*admin_key).str(),
             options.data.string());
  fmt::print("Keep {} apart from the log in your backup, and give auditors the genesis hash.\n",
             (options.data / "keys").string());
  return (*log)->close();
}

}  // namespace

void add_init_command(CLI::App& app, int& result) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "init",
      "Make the data folder of a new platform: keys, log, and Genesis with the first admin");
  command->add_option("--data", options->data, "Folder to be made")->capture_default_str();
  command
      ->add_option("--admin-key", options->admin_key,
                   "Public key of the first admin, from `fanledger admin key create`")
      ->required();
  command->callback([options, &result] {
    if (sodium_init() < 0) return;
    if (auto status = init(*options); !status) {
      fmt::print(stderr, "fanledgerd: {} ({})\n", status.error().message, status.error().code);
      result = 1;
    }
  });
}

}  // namespace fl::api
