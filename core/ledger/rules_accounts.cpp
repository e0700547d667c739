#include <algorithm>

#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {

constexpr std::size_t kUsernameLeast = 3;
constexpr std::size_t kUsernameMost = 30;
constexpr std::size_t kEmailBytes = 254;

bool username_well_formed(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return name.size() >= kUsernameLeast && name.size() <= kUsernameMost && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.';
         });
}

}  // namespace

Status check_event(const State& state, const pb::AccountOpened& e) {
  if (e.role() != pb::ROLE_FAN && e.role() != pb::ROLE_CREATOR) {
    return malformed("role_unknown", "role", "The role is fan or creator.");
  }
  if (!username_well_formed(e.username())) {
    return malformed("username_malformed", "username",
                     "A username has 3 to 30 letters, digits, dots and underscores, and begins "
                     "with a letter.");
  }
  if (e.account().size() != 16 || e.email_index().size() != 32) {
    return malformed("account_malformed", "", "The account's id or e-mail index is not one.");
  }
  if (auto sealed = check_sealed(e.email(), e.account(), "email", kEmailBytes); !sealed) {
    return sealed;
  }
  if (state.accounts.contains(AccountId::from_raw(e.account()))) {
    return conflict("account_exists", "", "The account is there already.");
  }
  if (state.usernames.contains(lower_case(e.username()))) {
    return conflict("username_taken", "username", "The username is taken.");
  }
  if (state.emails.contains(Digest::from(e.email_index()))) {
    return conflict("email_taken", "email", "The e-mail address has an account already.");
  }
  return {};
}

Status check_event(const State& state, const pb::SubscriptionPriceSet& e) {
  auto creator = known_account(state, e.creator(), "creator");
  if (!creator) return fail(creator.error());
  if ((*creator)->role != pb::ROLE_CREATOR) {
    return refused("not_a_creator", "", "Only creators can be subscribed to.");
  }
  if (auto price = read_price(state, e.price(), "price"); !price) return fail(price.error());
  return {};
}

}  // namespace fl::ledger
