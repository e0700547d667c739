#include "core/secrets/subject_keys.hpp"

#include <utility>

#include "core/secrets/aes_gcm.hpp"
#include "core/secrets/sealing.hpp"
#include "schemas/secrets.pb.h"

namespace fl::secrets {
namespace {

constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kMaxKeysPerAccount = 16;  // more than one only after a race of nodes

std::string prefix_of(const AccountId& account) {
  return "k" + account.raw();
}

/// The entry that says that there was a key and will be none.
std::string erased_mark() {
  fanledger::v1::SubjectKeySecret mark;
  mark.set_nonce(std::string(kNonceBytes, '\0'));
  return mark.SerializeAsString();
}

Failure refuse_erased() {
  return fail(ErrorClass::refused, "account_erased", "account",
              "This account was erased: nothing can be sealed for it.");
}

}  // namespace

SubjectKeys::SubjectKeys(SecretStore& store, const SecretKey& wrapping, RandomSource& random)
    : store_(store), wrapping_(wrapping), random_(random) {}

KeyState SubjectKeys::key_of(const AccountId& account) const {
  const auto prefix = prefix_of(account);
  const auto first = store_.with_prefix(prefix, 1);  // the mark has the shortest key: it is first
  if (first.empty()) return KeyState::missing;
  return first.front().key == prefix ? KeyState::erased : KeyState::present;
}

Status SubjectKeys::ensure(const AccountId& account) {
  if (key_of(account) == KeyState::present) return {};
  const std::lock_guard lock(making_);
  if (auto read = store_.refresh(); !read) return read;
  switch (key_of(account)) {
    case KeyState::present:
      return {};
    case KeyState::erased:
      return refuse_erased();
    case KeyState::missing:
      break;
  }
  const auto key = SecretKey::random(random_);
  const auto entry = prefix_of(account) + random_.bytes(kKeyIdBytes);
  fanledger::v1::SubjectKeySecret secret;
  secret.set_nonce(random_.bytes(kNonceBytes));
  secret.set_wrapped(aes_gcm_encrypt(wrapping_, secret.nonce(), entry, key.view()));
  return store_.put(entry, secret.SerializeAsString());
}

Status SubjectKeys::erase(const AccountId& account) {
  const std::lock_guard lock(making_);
  if (auto read = store_.refresh(); !read) return read;
  const auto prefix = prefix_of(account);
  std::vector<log::NewRecord> records;
  records.push_back({prefix, erased_mark()});
  for (auto& entry : store_.with_prefix(prefix, kMaxKeysPerAccount)) {
    if (entry.key != prefix) records.push_back({std::move(entry.key), {}});
  }
  return store_.write(records);
}

std::vector<SecretKey> SubjectKeys::keys_of(const AccountId& account) const {
  std::vector<SecretKey> keys;
  for (const auto& entry : store_.with_prefix(prefix_of(account), kMaxKeysPerAccount)) {
    fanledger::v1::SubjectKeySecret secret;
    if (!secret.ParseFromString(entry.value)) continue;
    auto raw = aes_gcm_decrypt(wrapping_, secret.nonce(), entry.key, secret.wrapped());
    const WipedString plain(raw ? std::move(*raw) : std::string());
    if (plain.text.size() == SecretKey::kSize) keys.push_back(SecretKey::from(plain.text));
  }
  return keys;
}

Result<fanledger::v1::Sealed> SubjectKeys::seal_text(const AccountId& account,
                                                     std::string_view field,
                                                     std::string_view text) {
  switch (key_of(account)) {
    case KeyState::erased:
      return refuse_erased();
    case KeyState::missing:
      return fail(ErrorClass::not_found, "key_missing", "account",
                  "This account has no key on this node yet.");
    case KeyState::present:
      break;
  }
  const auto keys = keys_of(account);
  if (keys.empty()) {
    return fail(ErrorClass::unavailable, "key_unreadable", "",
                "The key of this account does not open with this node's wrapping key.");
  }
  return seal(keys.front(), account, field, text, random_);
}

OpenedText SubjectKeys::open_text(const fanledger::v1::Sealed& sealed,
                                  std::string_view field) const {
  if (sealed.subject().size() != 16) return {TextState::damaged, {}};
  const auto account = AccountId::from_raw(sealed.subject());
  switch (key_of(account)) {
    case KeyState::erased:
      return {TextState::erased, {}};
    case KeyState::missing:
      return {TextState::missing, {}};
    case KeyState::present:
      break;
  }
  for (const auto& key : keys_of(account)) {
    if (auto text = open(key, sealed, field)) return {TextState::open, std::move(*text)};
  }
  return {TextState::damaged, {}};
}

}  // namespace fl::secrets
