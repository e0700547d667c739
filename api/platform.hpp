#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/data_folder.hpp"
#include "api/platform_options.hpp"
#include "core/base/error.hpp"

namespace fl::blobs {
class BlobStore;
}
namespace fl::http {
class BlockingPool;
}
namespace fl::log {
class Appender;
class Log;
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

/// Everything that one node runs on, opened from a data folder in the order of the layers and
/// closed in the other. Handlers get it by reference; each member is thread-safe.
class Platform {
 public:
  /// Errors say what to do: no ledger yet, folder in use, a damaged log, a clock that is behind.
  static Result<std::unique_ptr<Platform>> open(PlatformOptions options);
  ~Platform();

  /// Called once when the node must end: its log, snapshot or read models cannot be written, or a
  /// record cannot be folded. From any thread.
  void on_fatal(std::function<void(const Error&)> callback);

  /// Stops workers, then the owner and the projections, and makes durable what they derived.
  /// Handlers must be gone, their server not. What fails here is in `health`.
  void stop();

  /// Empty while the node can serve, and after it has ended in peace.
  Status health() const;

  const PlatformOptions& options() const;
  DataFolder folder() const;
  const std::string& ledger_id() const;  ///< 16 raw bytes
  /// Whether the read models hold everything that the log held when this node started.
  bool has_caught_up() const;
  bool owns_ledger() const;  ///< commands are decided here, as far as this node knows
  /// Sessions may be made and ended by other nodes.
  bool is_shared() const { return options().shared_log.has_value(); }

  const owner::Clock& clock;
  secrets::RandomSource& random;
  const secrets::Keyring& keyring;
  secrets::SecretStore& secret_store;
  secrets::SubjectKeys& subject_keys;
  secrets::Passwords& passwords;
  /// Hashes passwords: threads of its own, so that what strangers ask for holds up no other work.
  http::BlockingPool& hashing;
  secrets::Sessions& sessions;
  log::Log& log;
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
