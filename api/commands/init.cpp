#include "api/commands/init.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "api/data_folder.hpp"
#include "api/kafka_flags.hpp"
#include "core/base/encoding.hpp"
#include "core/events/signature.hpp"
#include "core/log/embedded_log.hpp"
#include "core/log/kafka_log.hpp"
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
  std::filesystem::path keys;
  KafkaFlags kafka;
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

/// A log that holds nothing yet.
Result<std::unique_ptr<log::Log>> new_log(const Options& options) {
  if (options.kafka.given()) {
    auto reached = options.kafka.options();
    if (!reached) return fail(reached.error());
    auto log = log::KafkaLog::open(options.kafka.streams(), std::move(*reached));
    if (!log) return fail(log.error());
    const auto end = (*log)->end(log::Stream::ledger, 0);
    if (!end) return fail(end.error());
    if (*end > 0) {
      return fail(ErrorClass::conflict, "ledger_exists", "kafka",
                  "The topics hold a platform already: it is made once.");
    }
    return std::unique_ptr<log::Log>(std::move(*log));
  }
  const auto folder = DataFolder(options.data).log();
  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    return fail(ErrorClass::conflict, "ledger_exists", "data",
                options.data.string() + " holds a platform already: it is made once.");
  }
  auto log = log::EmbeddedLog::open(folder, embedded_streams());
  if (!log) return fail(log.error());
  return std::unique_ptr<log::Log>(std::move(*log));
}

Status make_data_folder(const std::filesystem::path& data) {
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (!error) std::filesystem::permissions(data, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorClass::unavailable, "storage_failed", "data",
              data.string() + ": " + error.message());
}

Status init(const Options& options) {
  auto admin_key = read_public_key(options.admin_key);
  if (!admin_key) return fail(admin_key.error());
  if (auto made = make_data_folder(options.data); !made) return made;
  const auto keys = options.keys.empty() ? options.data / "keys" : options.keys;
  if (std::error_code error; std::filesystem::exists(keys, error)) {
    return fail(ErrorClass::conflict, "keys_exist", "keys",
                keys.string() + " is there already: keys are never replaced.");
  }
  auto log = new_log(options);
  if (!log) return fail(log.error());
  secrets::SystemRandom random;
  if (auto made = secrets::Keyring::create(keys, random); !made) return made;
  const auto checkpoint = secrets::SecretKey::random(random);
  if (auto written =
          secrets::write_new_file(keys / "checkpoint.seed",
                                  "# Ed25519 seed that signs this ledger's checkpoints\n" +
                                      to_hex(checkpoint.view()) + "\n",
                                  0600);
      !written) {
    return written;
  }
  const auto genesis =
      owner::default_genesis(random.bytes(16), *admin_key, events::public_key_of(checkpoint.view()),
                             owner::SystemClock().now());
  if (auto written = owner::write_genesis(**log, genesis); !written) return written;
  pb::LedgerRecord record;
  *record.mutable_genesis() = genesis;
  fmt::print("ledger   {}\ngenesis  {}\nadmin    {}\nkeys     {}\n", to_hex(genesis.ledger_id()),
             to_hex(sha256(events::encode(record)).view()), events::key_id_of(*admin_key).str(),
             keys.string());
  fmt::print("log      {}\n", options.kafka.given() ? "Kafka at " + options.kafka.bootstrap
                                                    : DataFolder(options.data).log().string());
  fmt::print("Keep the keys apart from the log in your backup, and give auditors the genesis hash.\n");
  return {};
}

}  // namespace

void add_init_command(CLI::App& app, int& result) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "init",
      "Make a new platform: keys, log, and Genesis with the first admin");
  command->add_option("--data", options->data, "Folder to be made")->capture_default_str();
  command->add_option("--keys", options->keys,
                      "Folder of keys to be made, for all nodes (default: DATA/keys)");
  options->kafka.add_to(*command, true);
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
