#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_key.hpp"
#include "core/secrets/secret_store.hpp"
#include "schemas/sealed.pb.h"

namespace fl::secrets {

/// What became of a sealed text.
enum class TextState {
  open,     ///< here it is
  erased,   ///< the person was erased: it is gone for good
  missing,  ///< this node has not seen the key (yet): ask again later
  damaged,  ///< there is a key, and it does not open this text in this field
};
struct OpenedText {
  TextState state = TextState::missing;
  std::string text;  ///< when open
};

enum class KeyState { present, erased, missing };

/// One random key a person, wrapped under the node's wrapping key, in the secret store. Erasing it
/// erases every text sealed under it, wherever copies of it lie. Thread-safe.
///
/// Stored under 'k', the account and 8 random bytes, so that two nodes that make a key for one
/// account at the same time do not overwrite each other: both keys stay, and both open. An erased
/// account has instead one entry under 'k' and the account alone, which outlives compaction.
class SubjectKeys {
 public:
  SubjectKeys(SecretStore& store, const SecretKey& wrapping, RandomSource& random);

  /// Makes the account's key if it has none. The key is durable when this returns. Errors: refused
  /// `account_erased`; unavailable.
  Status ensure(const AccountId& account);
  KeyState key_of(const AccountId& account) const;
  /// Nothing opens this account's texts from now on, on this node at once, on others when they have
  /// read so far. An erased account can have no key again.
  Status erase(const AccountId& account);

  /// Errors: refused `account_erased`; not_found `key_missing` (call `ensure` first); malformed
  /// `text_too_long`.
  Result<fanledger::v1::Sealed> seal_text(const AccountId& account, std::string_view field,
                                          std::string_view text);
  OpenedText open_text(const fanledger::v1::Sealed& sealed, std::string_view field) const;

 private:
  std::vector<SecretKey> keys_of(const AccountId& account) const;
  SecretStore& store_;
  const SecretKey& wrapping_;
  RandomSource& random_;
  std::mutex making_;
};

}  // namespace fl::secrets
