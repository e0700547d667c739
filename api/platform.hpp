#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "api/live/limits.hpp"
#include "core/base/error.hpp"

namespace fl::blobs {
class BlobStore;
}
namespace fl::http {
class BlockingPool;
}
namespace fl::log {
class Appender;
class EmbeddedLog;
}  // namespace fl::log
namespace fl::media {
class Jail;
}
namespace fl::owner {
class Clock;
class CommandGate;
}  // namespace fl::owner
namespace fl::projections {
struct ReadModels;
class Runner;
class Store;
}  // namespace fl::projections
namespace fl::secrets {
class Keyring;
class Passwords;
class RandomSource;
class SecretStore;
class Sessions;
class SubjectKeys;
}  // namespace fl::secrets
namespace fl::workers {
class Progress;
class Workers;
}  // namespace fl::workers

namespace fl::api {

class Hub;

struct PlatformOptions {
  std::filesystem::path data;
  std::string public_url = "http://127.0.0.1:8080";
  bool workers = true;
  std::string smtp_host;  ///< empty: mail goes to files in DATA/mail
  int smtp_port = 25;
  std::string mail_from = "no-reply@fanledger.example";
  LiveLimits live;
};

/// Everything that one node runs on, opened from a data folder in the order of the layers and
/// closed in the other. Handlers get it by reference; each member is thread-safe.
class Platform {
 public:
  /// Errors say what to do: no ledger yet, folder in use, a damaged log, a clock that is behind.
  static Result<std::unique_ptr<Platform>> open(PlatformOptions options);
  ~Platform();

  /// Called once when the node must end because its log cannot be written; from any thread.
  void on_fatal(std::function<void(const Error&)> callback);

  /// Stops workers, then the owner and the projections. Handlers must be gone, their server not.
  void stop();

  /// Empty while the node can serve.
  Status health() const;

  const PlatformOptions& options() const;
  const std::string& ledger_id() const;  ///< 16 raw bytes

  const owner::Clock& clock;
  secrets::RandomSource& random;
  const secrets::Keyring& keyring;
  secrets::SecretStore& secret_store;
  secrets::SubjectKeys& subject_keys;
  secrets::Passwords& passwords;
  /// Hashes passwords: threads of its own, so that what strangers ask for holds up no other work.
  http::BlockingPool& hashing;
  secrets::Sessions& sessions;
  log::EmbeddedLog& log;
  log::Appender& activity;
  owner::CommandGate& gate;
  projections::Store& store;
  projections::ReadModels& models;
  projections::Runner& runner;
  blobs::BlobStore& blobs;
  workers::Progress& progress;
  Hub& hub() const;

 private:
  struct Parts;
  explicit Platform(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fl::api
