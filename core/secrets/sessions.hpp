#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_store.hpp"

namespace fl::secrets {

struct SessionTag {
  static constexpr std::string_view prefix = "ses";
};
/// Names a session in lists; the first half of the token's hash. It opens nothing.
using SessionId = Id<SessionTag>;

struct Session {
  SessionId id;
  AccountId account;
  Instant created;
  Instant expires;
};

/// Opaque tokens: "fls_" and 32 random bytes in base64url. The store holds their SHA-256 alone, so
/// nobody who reads it can use one. Thread-safe.
class Sessions {
 public:
  static constexpr Duration kLifetime = days(30);
  static constexpr std::size_t kMaxPerAccount = 20;

  /// Watches the store: make it before the store is shared, and keep it as long as the store.
  Sessions(SecretStore& store, RandomSource& random);

  /// The token, shown this once. Expired ones of the account are dropped, and beyond
  /// kMaxPerAccount the oldest.
  Result<std::string> create(const AccountId& account, Instant now, Duration lifetime = kLifetime);

  /// Nothing for what is malformed, unknown, revoked or expired.
  std::optional<Session> find(std::string_view token, Instant now) const;

  std::vector<Session> list(const AccountId& account, Instant now) const;  ///< newest first

  /// Revoking what is not there is success: the state is as asked.
  Status revoke(std::string_view token);
  /// Error: not_found `session_unknown` when it is not one of this account.
  Status revoke(const AccountId& account, const SessionId& id);
  Status revoke_all(const AccountId& account, std::optional<SessionId> but = std::nullopt);

  /// Told of every session that is taken away, whoever asked for that: what rests on it must end.
  /// By then `find` knows it no more. Called with the store locked: it must be quick, and must call
  /// neither this nor the store. Set before this is shared.
  using Ended = std::function<void(const SessionId& session)>;
  void on_ended(Ended listener) { ended_ = std::move(listener); }

  /// Forgets up to `at_most` expired ones; how many it was.
  Result<std::size_t> drop_expired(Instant now, std::size_t at_most);

 private:
  void changed(std::string_view key, std::string_view value);
  /// The session that stood under the key and does so no more, if any.
  std::optional<SessionId> replace(std::string_view key, std::string_view value);
  struct Known {
    std::string key;  ///< in the store
    Session session;
  };
  std::vector<Known> known_of(const AccountId& account) const;  ///< oldest first

  SecretStore& store_;
  RandomSource& random_;
  Ended ended_;
  mutable std::mutex lock_;  ///< never held while calling the store, which calls changed()
  std::map<std::string, Session, std::less<>> by_key_;
  std::map<AccountId, std::vector<std::string>> by_account_;
};

}  // namespace fl::secrets
