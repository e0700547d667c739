#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace fl::nodes {

/// What a node shows to others, and what it holds theirs against: `ca.pem`, `node.pem` and
/// `node.key` of one folder. Both contexts speak TLS 1.3 alone, ask the peer for a certificate of
/// the authority, and resume no session.
class Credentials {
 public:
  /// Errors: unavailable `node_certificate_unusable` of the file (cannot be read, does not fit the
  /// others, expired, not of this authority), `key_exposed` (others may read the secret key).
  static Result<Credentials> load(const std::filesystem::path& directory);
  ~Credentials();
  Credentials(Credentials&&) noexcept;

  boost::asio::ssl::context& server() { return *server_; }
  boost::asio::ssl::context& client() { return *client_; }

 private:
  Credentials();
  std::unique_ptr<boost::asio::ssl::context> server_;
  std::unique_ptr<boost::asio::ssl::context> client_;
};

}  // namespace fl::nodes
