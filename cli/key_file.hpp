#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"

namespace fl::cli {

/// An Ed25519 secret seed in memory; wiped at its end. Never printed.
class SecretSeed {
 public:
  explicit SecretSeed(std::string bytes);
  ~SecretSeed();
  SecretSeed(SecretSeed&& other) noexcept;
  SecretSeed& operator=(SecretSeed&&) = delete;

  std::string_view bytes() const { return bytes_; }
  std::string public_key() const;
  KeyId key_id() const;

 private:
  std::string bytes_;
};

struct PublicKey {
  std::string bytes;  ///< 32
  KeyId id() const;
};

/// A key file is text: lines that begin with `#` say what it is, and one line holds the 32 bytes in
/// hex, after `secret:` when they are. The secret goes to `path`, readable by its owner alone, the
/// public key to `path`.pub; each appears whole or not at all. Errors: malformed `file_exists`
/// unless `force`; unavailable `file_unwritable`.
Result<PublicKey> create_key_files(const std::filesystem::path& path, bool force);

/// Errors: unavailable `key_unreadable`, `key_exposed` (others than the owner may read it).
Result<SecretSeed> read_secret_key(const std::filesystem::path& path);
Result<PublicKey> read_public_key(const std::filesystem::path& path);

}  // namespace fl::cli
