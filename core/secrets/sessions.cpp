#include "core/secrets/sessions.hpp"

#include <algorithm>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/sha256.hpp"
#include "core/secrets/secret_key.hpp"
#include "schemas/secrets.pb.h"

namespace fl::secrets {
namespace {

constexpr char kKind = 's';
constexpr std::string_view kPrefix = "fls_";
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenCharacters = 4 + 43;
constexpr std::size_t kEntryBytes = 1 + 32;

/// Where the session of this token stands; nothing when it cannot be a token.
std::optional<std::string> entry_of(std::string_view token) {
  if (token.size() != kTokenCharacters || !token.starts_with(kPrefix)) return std::nullopt;
  auto raw = from_base64url(token.substr(kPrefix.size()));
  if (!raw) return std::nullopt;
  const WipedString bytes(std::move(*raw));
  if (bytes.text.size() != kTokenBytes) return std::nullopt;
  return kKind + sha256(token).str();
}

}  // namespace

Sessions::Sessions(SecretStore& store, RandomSource& random) : store_(store), random_(random) {
  store_.watch(kKind,
               [this](std::string_view key, std::string_view value) { changed(key, value); });
}

void Sessions::changed(std::string_view key, std::string_view value) {
  const auto ended = replace(key, value);
  if (ended && ended_) ended_(*ended);
}

std::optional<SessionId> Sessions::replace(std::string_view key, std::string_view value) {
  const std::lock_guard lock(lock_);
  std::optional<SessionId> before;
  if (const auto old = by_key_.find(key); old != by_key_.end()) {
    before = old->second.id;
    const auto of_account = by_account_.find(old->second.account);
    std::erase(of_account->second, old->first);
    if (of_account->second.empty()) by_account_.erase(of_account);
    by_key_.erase(old);
  }
  fanledger::v1::SessionSecret secret;
  if (value.empty() || key.size() != kEntryBytes ||
      !secret.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      secret.account().size() != 16) {
    return before;
  }
  const Session session{SessionId::from_raw(key.substr(1, 16)),
                        AccountId::from_raw(secret.account()),
                        {secret.created_ms()},
                        {secret.expires_ms()}};
  by_key_.emplace(key, session);
  by_account_[session.account].emplace_back(key);
  return std::nullopt;
}

std::vector<Sessions::Known> Sessions::known_of(const AccountId& account) const {
  std::vector<Known> known;
  {
    const std::lock_guard lock(lock_);
    const auto found = by_account_.find(account);
    if (found == by_account_.end()) return known;
    for (const auto& key : found->second) known.push_back({key, by_key_.find(key)->second});
  }
  std::stable_sort(known.begin(), known.end(), [](const Known& a, const Known& b) {
    return a.session.created < b.session.created;
  });
  return known;
}

Result<std::string> Sessions::create(const AccountId& account, Instant now, Duration lifetime) {
  std::vector<log::NewRecord> records;
  auto known = known_of(account);
  std::erase_if(known, [&](const Known& one) {
    if (one.session.expires > now) return false;
    records.push_back({one.key, {}});
    return true;
  });
  for (std::size_t i = 0; i + kMaxPerAccount <= known.size(); ++i) {
    records.push_back({known[i].key, {}});
  }

  const WipedString raw(random_.bytes(kTokenBytes));
  std::string token = std::string(kPrefix) + to_base64url(raw.text);
  fanledger::v1::SessionSecret secret;
  secret.set_account(account.raw());
  secret.set_created_ms(now.ms);
  secret.set_expires_ms((now + lifetime).ms);
  records.push_back({*entry_of(token), secret.SerializeAsString()});
  if (auto written = store_.write(records); !written) return fail(written.error());
  return token;
}

std::optional<Session> Sessions::find(std::string_view token, Instant now) const {
  const auto entry = entry_of(token);
  if (!entry) return std::nullopt;
  const std::lock_guard lock(lock_);
  // The look-up is by the token's hash: how long it takes tells nothing of the token.
  const auto found = by_key_.find(*entry);
  if (found == by_key_.end() || found->second.expires <= now) return std::nullopt;
  return found->second;
}

std::vector<Session> Sessions::list(const AccountId& account, Instant now) const {
  std::vector<Session> sessions;
  for (const auto& one : known_of(account)) {
    if (one.session.expires > now) sessions.push_back(one.session);
  }
  std::reverse(sessions.begin(), sessions.end());
  return sessions;
}

Status Sessions::revoke(std::string_view token) {
  const auto entry = entry_of(token);
  if (!entry || !store_.get(*entry)) return {};
  return store_.erase(*entry);
}

Status Sessions::revoke(const AccountId& account, const SessionId& id) {
  for (const auto& one : known_of(account)) {
    if (one.session.id == id) return store_.erase(one.key);
  }
  return fail(ErrorClass::not_found, "session_unknown", "session",
              "You have no such session; it may have ended.");
}

Status Sessions::revoke_all(const AccountId& account, std::optional<SessionId> but) {
  // What another node has created and acknowledged must not outlive this.
  if (auto read = store_.refresh(); !read) return read;
  std::vector<log::NewRecord> records;
  for (auto& one : known_of(account)) {
    if (one.session.id != but) records.push_back({std::move(one.key), {}});
  }
  return store_.write(records);
}

Result<std::size_t> Sessions::drop_expired(Instant now, std::size_t at_most) {
  std::vector<log::NewRecord> records;
  {
    const std::lock_guard lock(lock_);
    for (const auto& [key, session] : by_key_) {
      if (records.size() >= at_most) break;
      if (session.expires <= now) records.push_back({key, {}});
    }
  }
  if (auto written = store_.write(records); !written) return fail(written.error());
  return records.size();
}

}  // namespace fl::secrets
