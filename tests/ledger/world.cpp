#include "tests/ledger/world.hpp"

#include <stdexcept>

namespace fl::test {
namespace {

std::string next_command_id() {
  static std::uint64_t count = 0;  // the only state that tests share: ids differ, nothing more
  return "command-" + std::to_string(count++);
}

pb::LedgerEvent by_account(std::string_view name) {
  pb::LedgerEvent event;
  event.mutable_origin()->set_caller_kind(pb::CALLER_KIND_ACCOUNT);
  event.mutable_origin()->set_caller(account(name).raw());
  return event;
}

pb::LedgerEvent stamped(pb::LedgerEvent event) {
  stamp(event, next_command_id());
  return event;
}

Money money(Amount amount, const char* code) {
  return {amount, *Currency::parse(code)};
}

}  // namespace

AccountId account(std::string_view name) {
  return derive_id<AccountId>("test account", "", name);
}
PostId post(std::string_view name) {
  return derive_id<PostId>("test post", "", name);
}
MediaId media(std::string_view name) {
  return derive_id<MediaId>("test media", "", name);
}
EntryId entry(std::string_view name) {
  return derive_id<EntryId>("test entry", "", name);
}
Money usd(Amount amount) {
  return money(amount, "USD");
}
Money btc(Amount amount) {
  return money(amount, "BTC");
}

pb::Price price(const Money& money) {
  pb::Price out;
  out.set_amount(money.amount);
  out.set_currency(std::string(money.currency.code()));
  return out;
}

pb::Sealed sealed_for(const AccountId& subject, std::string_view text) {
  pb::Sealed sealed;
  sealed.set_subject(subject.raw());
  sealed.set_nonce(std::string(12, 'n'));
  sealed.set_ciphertext(std::string(text) + std::string(16, 't'));
  return sealed;
}

StaffKey staff_key(std::string_view name) {
  const auto seed = sha256({"test staff key", name}).str();
  const auto public_key = events::public_key_of(seed);
  return {seed, public_key, events::key_id_of(public_key)};
}

pb::Genesis test_genesis() {
  pb::Genesis genesis;
  genesis.set_format(events::kFormat);
  genesis.set_ledger_id("sixteen bytes id");
  genesis.set_time_ms(kGenesisTime.ms);
  genesis.set_admin_key(staff_key("root").public_key);
  genesis.set_checkpoint_key(staff_key("checkpoint").public_key);
  auto* fees = genesis.mutable_fees();
  fees->set_version(7);
  fees->set_subscription_bp(1000);
  fees->set_tip_bp(2000);
  fees->set_purchase_bp(5000);
  fees->set_message_unlock_bp(5000);
  const auto add = [&](const char* code, std::uint32_t decimals, Amount least, Amount most) {
    auto* spec = genesis.add_currencies();
    spec->set_code(code);
    spec->set_decimals(decimals);
    auto* limits = fees->add_limits();
    limits->set_currency(code);
    limits->set_minimum(least);
    limits->set_maximum(most);
  };
  add("USD", 2, 100, 10'000'000);
  add("BTC", 8, 1'000, 1'000'000'000);
  return genesis;
}

void stamp(pb::LedgerEvent& draft, std::string command_id) {
  auto* origin = draft.mutable_origin();
  origin->clear_command_id();
  origin->clear_command_mac();
  const auto mac = sha256(events::encode(draft));
  origin->set_command_id(command_id);
  origin->set_command_mac(mac.str());
}

namespace draft {

pb::LedgerEvent open(std::string_view name, pb::Role role) {
  pb::LedgerEvent event;
  event.mutable_origin()->set_caller_kind(pb::CALLER_KIND_VISITOR);
  auto* e = event.mutable_account_opened();
  e->set_account(account(name).raw());
  e->set_role(role);
  e->set_username(std::string(name));
  e->set_email_index(sha256({"e-mail", name}).str());
  *e->mutable_email() = sealed_for(account(name), "someone@example.org");
  return stamped(std::move(event));
}

pb::LedgerEvent set_price(std::string_view creator, const Money& amount) {
  auto event = by_account(creator);
  event.mutable_subscription_price_set()->set_creator(account(creator).raw());
  *event.mutable_subscription_price_set()->mutable_price() = price(amount);
  return stamped(std::move(event));
}

pb::LedgerEvent register_media(std::string_view name, std::string_view owner) {
  pb::LedgerEvent event;
  event.mutable_origin()->set_caller_kind(pb::CALLER_KIND_SYSTEM);
  auto* e = event.mutable_media_registered();
  e->set_media(media(name).raw());
  e->set_owner(account(owner).raw());
  e->set_kind(pb::MEDIA_KIND_VIDEO);
  e->set_manifest(sha256({"manifest", name}).str());
  return stamped(std::move(event));
}

pb::LedgerEvent publish(std::string_view name, std::string_view author,
                        std::optional<Money> premium) {
  auto event = by_account(author);
  auto* e = event.mutable_post_published();
  e->set_post(post(name).raw());
  e->set_author(account(author).raw());
  e->set_media(media(name).raw());
  e->set_premium(premium.has_value());
  if (premium) *e->mutable_price() = price(*premium);
  return stamped(std::move(event));
}

pb::LedgerEvent remove(std::string_view name, std::string_view caller) {
  auto event = by_account(caller);
  event.mutable_post_deleted()->set_post(post(name).raw());
  return stamped(std::move(event));
}

pb::LedgerEvent buy(std::string_view buyer, std::string_view name, const Money& shown) {
  auto event = by_account(buyer);
  auto* e = event.mutable_purchased();
  e->set_entry(entry(next_command_id()).raw());
  e->set_buyer(account(buyer).raw());
  e->set_post(post(name).raw());
  *e->mutable_price() = price(shown);
  return stamped(std::move(event));
}

pb::LedgerEvent subscribe(std::string_view subscriber, std::string_view creator,
                          const Money& shown) {
  auto event = by_account(subscriber);
  auto* e = event.mutable_subscribed();
  e->set_entry(entry(next_command_id()).raw());
  e->set_subscriber(account(subscriber).raw());
  e->set_creator(account(creator).raw());
  *e->mutable_price() = price(shown);
  return stamped(std::move(event));
}

pb::LedgerEvent tip(std::string_view from, std::string_view to, const Money& amount) {
  auto event = by_account(from);
  auto* e = event.mutable_tipped();
  e->set_entry(entry(next_command_id()).raw());
  e->set_from(account(from).raw());
  e->set_to(account(to).raw());
  *e->mutable_amount() = price(amount);
  return stamped(std::move(event));
}

}  // namespace draft

World::World() {
  ledger::apply_genesis(state, test_genesis(), sha256("the head after genesis"));
}

Result<pb::LedgerEvent> World::when(const pb::LedgerEvent& command) {
  auto decision = ledger::decide(state, {command}, now);
  if (!decision) return fail(decision.error());
  if (const auto* repeated = std::get_if<ledger::Repeated>(&*decision)) {
    return events.at(repeated->row.event_seq);
  }
  auto& event = std::get<pb::LedgerEvent>(*decision);
  ledger::apply(state, event, {state.next_event_seq, events.size() + 1, 0, now});
  events.push_back(event);
  end_batch();
  return event;
}

World& World::given(const pb::LedgerEvent& command) {
  if (auto event = when(command); !event) {
    throw std::logic_error("what a test takes as given was refused: " + event.error().code);
  }
  return *this;
}

World& World::fan(std::string_view name) {
  return given(draft::open(name, pb::ROLE_FAN));
}
World& World::creator(std::string_view name) {
  given(draft::open(name, pb::ROLE_CREATOR));
  return given(signed_by("root", order_verify(name)));
}
World& World::funded(std::string_view name, const Money& amount) {
  return given(signed_by("root", order_deposit(name, amount)));
}
World& World::published(std::string_view name, std::string_view author,
                        std::optional<Money> premium) {
  given(draft::register_media(name, author));
  return given(draft::publish(name, author, premium));
}
World& World::priced(std::string_view creator, const Money& amount) {
  return given(draft::set_price(creator, amount));
}
World& World::staff(std::string_view name, pb::StaffRole role) {
  auto command = order();
  auto* add = command.mutable_add_staff_key();
  add->set_public_key(staff_key(name).public_key);
  add->set_role(role);
  add->set_name(std::string(name));
  return given(signed_by("root", command));
}
World& World::later(Duration by) {
  now = now + by;
  end_batch();
  return *this;
}

pb::StaffCommand World::order() const {
  pb::StaffCommand command;
  command.set_ledger_id(state.ledger_id);
  command.set_anchor_seq(state.anchors.back().event_seq);
  command.set_anchor_head(state.anchors.back().head.str());
  command.set_expires_ms((now + minutes(5)).ms);
  command.set_command_id("order-" + std::to_string(orders_++));
  command.set_reason("because the test says so");
  return command;
}
pb::StaffCommand World::order_deposit(std::string_view to, const Money& amount) const {
  auto command = order();
  auto* deposit = command.mutable_deposit();
  deposit->set_account(account(to).raw());
  deposit->set_amount(amount.amount);
  deposit->set_currency(std::string(amount.currency.code()));
  deposit->set_reference("bank transfer 1");
  return command;
}
pb::StaffCommand World::order_verify(std::string_view creator) const {
  auto command = order();
  command.mutable_verify_creator()->set_account(account(creator).raw());
  return command;
}

pb::LedgerEvent World::signed_by(std::string_view signer, const pb::StaffCommand& command) {
  const auto key = staff_key(signer);
  pb::LedgerEvent event;
  auto* origin = event.mutable_origin();
  origin->set_caller_kind(pb::CALLER_KIND_STAFF);
  origin->set_caller(key.id.raw());
  const auto bytes = events::encode(command);
  origin->mutable_staff()->set_key(key.id.raw());
  origin->mutable_staff()->set_command(bytes);
  origin->mutable_staff()->set_signature(
      events::sign(key.seed, events::kStaffCommandDomain, bytes));
  origin->set_command_id(command.command_id());
  origin->set_command_mac(sha256(bytes).str());
  return event;
}

Amount World::wallet(std::string_view name, std::string_view currency) const {
  return state.balance(ledger::wallet_of(account(name), *Currency::parse(currency)));
}
Amount World::earnings(std::string_view name, std::string_view currency) const {
  return state.balance(ledger::earnings_of(account(name), *Currency::parse(currency)));
}
Amount World::fees(std::string_view currency) const {
  return state.balance(ledger::fees_in(*Currency::parse(currency)));
}

void World::end_batch() {
  const auto head = sha256({"head", std::to_string(events.size()), std::to_string(now.ms)});
  ledger::apply_batch_end(state, now, head);
}

}  // namespace fl::test
