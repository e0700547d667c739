#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/secrets/secret_store.hpp"

namespace fl::secrets {

/// What one Argon2id costs. The default is libsodium's INTERACTIVE: 2 passes over 64 MiB.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 64 * 1024 * 1024;
};

/// Argon2id in libsodium's text form, with its salt and cost. Error: unavailable `out_of_memory`.
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost = {});
bool verify_password(std::string_view hash, std::string_view password);
bool needs_rehash(std::string_view hash, const PasswordCost& cost = {});

enum class PasswordCheck { right, wrong };

/// The passwords of accounts, in the secret store. Each check costs one Argon2id, also for an
/// account that has no password or does not exist, so that time does not tell who is here. At most
/// `at_once` of them run together (each takes the cost's memory); a caller blocks up to two seconds
/// for its turn, so call from a pool of its own and not from an event loop. Thread-safe.
class Passwords {
 public:
  explicit Passwords(SecretStore& store, PasswordCost cost = {}, int at_once = 4);

  /// The rules are not checked here: check_new_password does, when the person chooses.
  /// Errors: retry `busy`; unavailable; malformed `password_too_long`.
  Status set(const AccountId& account, std::string_view password, Instant now);

  /// Nothing as account: an unknown name was given. A hash of an older cost is renewed when the
  /// password was right. Errors: retry `busy`; unavailable.
  Result<PasswordCheck> check(std::optional<AccountId> account, std::string_view password);

  bool has(const AccountId& account) const;
  std::optional<Instant> changed_at(const AccountId& account) const;
  Status erase(const AccountId& account);

 private:
  Status take_turn();
  SecretStore& store_;
  PasswordCost cost_;
  std::counting_semaphore<64> turns_;
  std::mutex changing_;  ///< a renewed hash must not replace a password changed meanwhile
};

}  // namespace fl::secrets
