#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "api/live/limits.hpp"
#include "core/base/error.hpp"
#include "core/log/kafka_options.hpp"

namespace fl::api {

/// What a node does. On an embedded log one node does everything that is done.
struct Roles {
  bool api = true;     ///< serves clients
  bool owner = true;   ///< may own the ledger
  bool worker = true;  ///< takes jobs

  /// "api,owner,worker" or some of them. Error: malformed `roles_malformed` of `roles`.
  static Result<Roles> parse(const std::string& text);
};

/// How the nodes of a platform reach each other with commands.
struct NodeLinks {
  std::string listen;                  ///< ADDRESS:PORT, of a node that may own the ledger
  std::filesystem::path port_file;     ///< where to write the port that was chosen
  std::string url;                     ///< tls://HOST:PORT of this node, as its fences name it
  std::vector<std::string> nodes;      ///< of all that may own the ledger
  std::filesystem::path certificates;  ///< ca.pem, node.pem, node.key
};

/// A log that many nodes share.
struct SharedLogOptions {
  log::KafkaOptions kafka;
  std::vector<log::StreamConfig> streams;
  std::optional<NodeLinks> links;  ///< none: this node is the only one
};

struct PlatformOptions {
  std::filesystem::path data;
  std::filesystem::path keys;                  ///< the key ring; empty: DATA/keys
  std::filesystem::path shared;                ///< blobs of all nodes; empty: DATA
  std::optional<SharedLogOptions> shared_log;  ///< none: an embedded log in the data folder
  Roles roles;
  std::string public_url = "http://127.0.0.1:8080";
  std::string smtp_host;  ///< empty: mail goes to files in DATA/mail
  int smtp_port = 25;
  std::string mail_from = "no-reply@fanledger.example";
  LiveLimits live;

  std::filesystem::path key_folder() const { return keys.empty() ? data / "keys" : keys; }
  /// Errors: malformed, of what does not go together (`roles`, `node-url`, `node-listen`, `node`,
  /// `node-certs`).
  Status check() const;
};

}  // namespace fl::api
