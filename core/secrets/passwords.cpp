#include "core/secrets/passwords.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/assert.hpp"
#include "core/secrets/password_rules.hpp"
#include "schemas/secrets.pb.h"

namespace fl::secrets {
namespace {

constexpr auto kLongestWait = std::chrono::seconds(2);

std::string entry_of(const AccountId& account) {
  return "p" + account.raw();
}

/// libsodium's text form lives in a buffer of a fixed size, filled up with zeros.
using HashBuffer = std::array<char, crypto_pwhash_STRBYTES>;
std::optional<HashBuffer> as_buffer(std::string_view hash) {
  HashBuffer buffer{};
  if (hash.size() >= buffer.size()) return std::nullopt;
  std::copy(hash.begin(), hash.end(), buffer.begin());
  return buffer;
}

struct GiveBack {
  std::counting_semaphore<64>& turns;
  ~GiveBack() { turns.release(); }
};

}  // namespace

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  FL_ASSERT(sodium_init() >= 0);
  HashBuffer buffer{};
  if (crypto_pwhash_str_alg(buffer.data(), password.data(), password.size(), cost.passes,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorClass::unavailable, "out_of_memory", "", "Could not hash a password.");
  }
  return std::string(buffer.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  FL_ASSERT(sodium_init() >= 0);
  const auto buffer = as_buffer(hash);
  return buffer && crypto_pwhash_str_verify(buffer->data(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash, const PasswordCost& cost) {
  const auto buffer = as_buffer(hash);
  return !buffer ||
         crypto_pwhash_str_needs_rehash(buffer->data(), cost.passes, cost.memory_bytes) != 0;
}

Passwords::Passwords(SecretStore& store, PasswordCost cost, int at_once)
    : store_(store), cost_(cost), turns_(std::clamp(at_once, 1, 64)) {}

Status Passwords::take_turn() {
  if (turns_.try_acquire_for(kLongestWait)) return {};
  return fail(ErrorClass::retry, "busy", "", "Too many people are logging in: try again.");
}

Status Passwords::set(const AccountId& account, std::string_view password, Instant now) {
  if (password.size() > kMaxPasswordBytes) {
    return fail(ErrorClass::malformed, "password_too_long", "password",
                "This password is too long.");
  }
  if (auto turn = take_turn(); !turn) return turn;
  const GiveBack give_back{turns_};
  auto hash = hash_password(password, cost_);
  if (!hash) return fail(hash.error());
  fanledger::v1::PasswordSecret secret;
  secret.set_argon2id(std::move(*hash));
  secret.set_changed_ms(now.ms);
  const std::lock_guard lock(changing_);
  return store_.put(entry_of(account), secret.SerializeAsString());
}

Result<PasswordCheck> Passwords::check(std::optional<AccountId> account,
                                       std::string_view password) {
  if (auto turn = take_turn(); !turn) return fail(turn.error());
  const GiveBack give_back{turns_};
  // A password that nobody can have costs what a short one does, not what its length says.
  const bool possible = password.size() <= kMaxPasswordBytes;
  const auto asked = possible ? password : password.substr(0, kMaxPasswordBytes);
  fanledger::v1::PasswordSecret secret;
  const auto stored = account ? store_.get(entry_of(*account)) : std::nullopt;
  if (!stored || !secret.ParseFromString(*stored)) {
    // As long as a check takes, so that time does not tell who has an account.
    if (auto wasted = hash_password(asked, cost_); !wasted) return fail(wasted.error());
    return PasswordCheck::wrong;
  }
  if (!verify_password(secret.argon2id(), asked) || !possible) return PasswordCheck::wrong;
  if (needs_rehash(secret.argon2id(), cost_)) {
    auto renewed = hash_password(asked, cost_);
    if (!renewed) return fail(renewed.error());
    secret.set_argon2id(std::move(*renewed));
    const std::lock_guard lock(changing_);
    if (store_.get(entry_of(*account)) != stored) return PasswordCheck::right;
    if (auto put = store_.put(entry_of(*account), secret.SerializeAsString()); !put) {
      return fail(put.error());
    }
  }
  return PasswordCheck::right;
}

bool Passwords::has(const AccountId& account) const {
  return store_.get(entry_of(account)).has_value();
}

std::optional<Instant> Passwords::changed_at(const AccountId& account) const {
  const auto stored = store_.get(entry_of(account));
  fanledger::v1::PasswordSecret secret;
  if (!stored || !secret.ParseFromString(*stored)) return std::nullopt;
  return Instant{secret.changed_ms()};
}

Status Passwords::erase(const AccountId& account) {
  return store_.erase(entry_of(account));
}

}  // namespace fl::secrets
