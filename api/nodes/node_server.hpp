#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "api/nodes/link_limits.hpp"
#include "core/base/error.hpp"

namespace fl::owner {
class CommandGate;
}

namespace fl::nodes {

struct NodeServerOptions {
  std::string listen;                  ///< ADDRESS:PORT; port 0: any that is free
  std::filesystem::path certificates;  ///< the folder of Credentials
  LinkLimits limits;
  std::size_t links = 256;               ///< beyond: those that have shown no certificate go first
  std::size_t commands_a_link = 65'536;  ///< in flight; beyond: owner_unavailable
  std::size_t command_bytes_a_link = 64 * 1024 * 1024;  ///< the same
};

/// Takes commands of other nodes for the owner in this process. One thread.
class NodeServer {
 public:
  /// `gate` decides here and never hands on to another node; it outlives the server. Errors:
  /// malformed `listen_malformed`; unavailable `listen_failed`, and those of Credentials.
  static Result<std::unique_ptr<NodeServer>> start(owner::CommandGate& gate,
                                                   NodeServerOptions options);
  ~NodeServer();  ///< stops

  std::uint16_t port() const;
  std::size_t links() const;  ///< of peers that have shown their certificate

  /// Ends every link. Nobody gets a reply from here any more, though the gate may still carry out
  /// what it took. Idempotent.
  void stop();

 private:
  struct Impl;
  explicit NodeServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fl::nodes
