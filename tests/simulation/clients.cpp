#include "tests/simulation/clients.hpp"

#include <array>

#include "tests/support/chain_writer.hpp"

namespace fl::sim {

using namespace fl::test;

namespace {

constexpr std::array kFans = {"bob", "dan", "kim"};
constexpr std::array kCreators = {"ann", "eve"};
constexpr std::array kPosts = {"clip", "film", "song", "nothing"};
constexpr Amount kPrice = 300;
constexpr std::size_t kRemembered = 30;

}  // namespace

const std::vector<std::string>& furnished() {
  static const auto records = [] {
    ChainWriter writer;
    World world;
    std::vector<std::string> out{writer.write(ChainWriter::genesis(test_genesis()))};
    ledger::apply_genesis(world.state, test_genesis(), writer.chain.head);
    out.push_back(writer.write(writer.fence()));
    for (const auto* creator : kCreators) world.creator(creator).priced(creator, usd(kPrice));
    for (const auto* fan : kFans) world.fan(fan).funded(fan, usd(1'500));
    world.published("clip", "ann", usd(kPrice)).published("film", "eve", usd(kPrice));
    world.published("song", "ann", usd(kPrice));
    std::vector<std::string> encoded;
    for (const auto& event : world.events) encoded.push_back(events::encode(event));
    out.push_back(writer.write(writer.batch(encoded, world.now)));
    return out;
  }();
  return records;
}

pb::LedgerEvent Clients::next(const owner::LedgerHead& head, Instant now) {
  const auto kind = chance_.below(100);
  if (kind < 25 && !open_.empty()) return take_open();
  if (kind < 32 && !settled_.empty()) return settled_[chance_.below(settled_.size())];
  if (kind < 36 && !settled_.empty()) return other_body(settled_[chance_.below(settled_.size())]);
  return fresh(head, now);
}

pb::LedgerEvent Clients::take_open() {
  coverage_.note(Happened::retried_after_unknown);
  const auto at = static_cast<std::ptrdiff_t>(chance_.below(open_.size()));
  auto draft = std::move(open_[static_cast<std::size_t>(at)]);
  open_.erase(open_.begin() + at);
  return draft;
}

void Clients::settled(const pb::LedgerEvent& draft) {
  settled_.push_back(draft);
  if (settled_.size() > kRemembered) settled_.pop_front();
}

pb::LedgerEvent Clients::fresh(const owner::LedgerHead& head, Instant now) {
  const auto* fan = kFans[chance_.below(kFans.size())];
  const auto* creator = kCreators[chance_.below(kCreators.size())];
  const auto id = next_id();
  pb::LedgerEvent out;
  switch (chance_.below(20)) {
    case 0:
      return deposit(head, now);
    case 1:
    case 2: {  // a name that others want as well, or had yesterday
      const auto name = "name" + std::to_string(ids_ / 40);
      out = draft::open(name, pb::ROLE_FAN);
      auto& opened = *out.mutable_account_opened();
      opened.set_account(account(id).raw());
      opened.set_email_index(sha256({"e-mail", id}).str());
      *opened.mutable_email() = sealed_for(account(id), "someone@example.org");
      break;
    }
    case 3:
      out = draft::subscribe(fan, creator, usd(kPrice));
      out.mutable_subscribed()->set_entry(entry(id).raw());
      break;
    case 4:
    case 5:
    case 6: {
      out = draft::buy(fan, kPosts[chance_.below(kPosts.size())], usd(kPrice));
      out.mutable_purchased()->set_entry(entry(id).raw());
      break;
    }
    case 7:  // of nobody, or too little
      out = draft::tip(fan, chance_.per_mille(500) ? "nobody" : creator, usd(7));
      out.mutable_tipped()->set_entry(entry(id).raw());
      break;
    default:
      out = draft::tip(fan, creator, usd(static_cast<Amount>(chance_.between(1, 9)) * 100));
      out.mutable_tipped()->set_entry(entry(id).raw());
      break;
  }
  stamp(out, id);
  return out;
}

pb::LedgerEvent Clients::deposit(const owner::LedgerHead& head, Instant now) {
  pb::StaffCommand order;
  order.set_ledger_id(head.ledger_id);
  order.set_anchor_seq(head.anchor.event_seq);
  order.set_anchor_head(head.anchor.head.str());
  order.set_expires_ms((now + minutes(5)).ms);
  order.set_command_id(next_id());
  auto& deposit = *order.mutable_deposit();
  deposit.set_account(account(kFans[chance_.below(kFans.size())]).raw());
  deposit.set_amount(static_cast<Amount>(chance_.between(3, 15)) * 100);
  deposit.set_currency("USD");
  deposit.set_reference("bank transfer");
  return World::signed_by("root", order);
}

pb::LedgerEvent Clients::other_body(pb::LedgerEvent draft) {
  const auto id = draft.origin().command_id();
  if (draft.has_tipped()) {
    auto& amount = *draft.mutable_tipped()->mutable_amount();
    amount.set_amount(amount.amount() + 1);
  } else if (draft.has_purchased()) {
    draft.mutable_purchased()->set_entry(entry(id + " anew").raw());
  } else {
    return draft;
  }
  stamp(draft, id);
  return draft;
}

pb::LedgerEvent Clients::harmless() {
  const auto id = next_id();
  auto out = draft::open("fresh" + id, pb::ROLE_FAN);
  stamp(out, id);
  return out;
}

}  // namespace fl::sim
