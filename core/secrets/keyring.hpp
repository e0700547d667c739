#pragma once

#include <cstdint>
#include <filesystem>
#include <map>

#include "core/base/error.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_key.hpp"

namespace fl::secrets {

/// The keys of a node, in a folder of their own: one file a key (0600), a comment line and 64 hex digits. All
/// nodes of a platform have the same ones. Without the wrapping key no text of a person can be
/// read again, without the index key nobody is found by e-mail: they belong in the backup, apart
/// from the log's. Immutable once loaded, so it may be shared between threads.
class Keyring {
 public:
  /// Makes the folder with fresh keys: complete and synced, or not at all. Error: conflict
  /// `keys_exist` when there is such a folder already; unavailable when storage fails.
  static Status create(const std::filesystem::path& folder, RandomSource& random);

  /// Error: unavailable `keys_missing`, `keys_exposed` (readable by others than the owner),
  /// `keys_damaged` (not 32 bytes of hex), with the file's name, never its content.
  static Result<Keyring> load(const std::filesystem::path& folder);

  /// Adds the next address key to the folder and returns its id. A node uses it from its next start.
  /// To rotate: add one, copy it to every node, restart them; when the longest-lived address has
  /// expired, delete the file of the old one.
  static Result<std::uint32_t> add_address_key(const std::filesystem::path& folder,
                                               RandomSource& random);

  const SecretKey& wrapping() const { return wrapping_; }  ///< wraps the keys of persons
  const SecretKey& index() const { return index_; }        ///< HMAC of e-mail addresses
  const SecretKey& command() const { return command_; }    ///< HMAC of commands as asked

  /// Signs the addresses of media: the newest signs, every one here verifies.
  std::uint32_t address_key_id() const { return addresses_.rbegin()->first; }
  const SecretKey& address() const { return addresses_.rbegin()->second; }
  const SecretKey* address(std::uint32_t id) const;  ///< nullptr: unknown, or retired

  static constexpr std::size_t kMaxAddressKeys = 16;

 private:
  Keyring(SecretKey wrapping, SecretKey index, SecretKey command,
          std::map<std::uint32_t, SecretKey> addresses);
  SecretKey wrapping_;
  SecretKey index_;
  SecretKey command_;
  std::map<std::uint32_t, SecretKey> addresses_;
};

}  // namespace fl::secrets
