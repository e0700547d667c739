#include "tests/cli/platform_world.hpp"

#include <doctest/doctest.h>

#include <future>

#include "core/events/signature.hpp"

namespace fl::test {
namespace {

void set_price(pb::Price& price, Amount cents) {
  price.set_amount(cents);
  price.set_currency("USD");
}

void seal(pb::Sealed& sealed, const AccountId& subject) {
  sealed.set_subject(subject.raw());
  sealed.set_nonce(std::string(12, 'n'));
  sealed.set_ciphertext(std::string(40, 'c'));
}

}  // namespace

PlatformWorld::PlatformWorld(log::Log& log, SetClock from) : clock(from), log_(log) {
  const auto admin = events::public_key_of(kAdminSeed);
  REQUIRE(owner::write_genesis(
      log, owner::default_genesis(kLedgerId, admin, std::string(32, 'k'), clock.now())));
  start();
}

void PlatformWorld::start() {
  owner::OwnerOptions options;
  options.incarnation = std::string(16, static_cast<char>('a' + incarnation_++));
  auto owner = owner::Owner::start(log_, nullptr, clock, options);
  REQUIRE_MESSAGE(owner, (owner ? "" : owner.error().message));
  owner_ = std::move(*owner);
}

void PlatformWorld::take_over() {
  owner_->stop();
  start();
}

void PlatformWorld::submit(pb::LedgerEvent draft) {
  std::promise<owner::Outcome> reply;
  owner_->submit({std::move(draft)},
                 [&](owner::Outcome outcome) { reply.set_value(std::move(outcome)); });
  const auto outcome = reply.get_future().get();
  REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().code + outcome.error().message));
  clock.advance(seconds(2));
}

pb::LedgerEvent PlatformWorld::draft(const AccountId& caller) {
  pb::LedgerEvent event;
  auto& origin = *event.mutable_origin();
  origin.set_caller_kind(pb::CALLER_KIND_ACCOUNT);
  origin.set_caller(caller.raw());
  origin.set_command_id(fresh_id());
  origin.set_command_mac(sha256(origin.command_id()).str());
  return event;
}

AccountId PlatformWorld::account(const std::string& name, pb::Role role) {
  auto event = draft({});
  event.mutable_origin()->set_caller_kind(pb::CALLER_KIND_VISITOR);
  event.mutable_origin()->clear_caller();
  auto& body = *event.mutable_account_opened();
  const auto id = AccountId::from_raw(raw_id());
  body.set_account(id.raw());
  body.set_role(role);
  body.set_username(name);
  body.set_email_index(sha256(name).str());
  seal(*body.mutable_email(), id);
  submit(std::move(event));
  return id;
}

void PlatformWorld::staff(const std::function<void(pb::StaffCommand&)>& fill) {
  pb::StaffCommand command;
  const auto head = owner_->head();
  command.set_ledger_id(head.ledger_id);
  command.set_anchor_seq(head.anchor.event_seq);
  command.set_anchor_head(head.anchor.head.str());
  command.set_expires_ms((clock.now() + minutes(5)).ms);
  command.set_command_id(fresh_id());
  fill(command);
  auto event = draft({});
  auto& origin = *event.mutable_origin();
  const auto key = events::key_id_of(events::public_key_of(kAdminSeed));
  origin.set_caller_kind(pb::CALLER_KIND_STAFF);
  origin.set_caller(key.raw());
  origin.set_command_id(command.command_id());
  auto& proof = *origin.mutable_staff();
  proof.set_key(key.raw());
  proof.set_command(events::encode(command));
  proof.set_signature(events::sign(kAdminSeed, events::kStaffCommandDomain, proof.command()));
  submit(std::move(event));
}

AccountId PlatformWorld::creator(const std::string& name, Amount price_cents) {
  const auto id = account(name, pb::ROLE_CREATOR);
  staff(
      [&](pb::StaffCommand& command) { command.mutable_verify_creator()->set_account(id.raw()); });
  auto event = draft(id);
  event.mutable_subscription_price_set()->set_creator(id.raw());
  set_price(*event.mutable_subscription_price_set()->mutable_price(), price_cents);
  submit(std::move(event));
  return id;
}

void PlatformWorld::deposit(const AccountId& to, Amount cents) {
  staff([&](pb::StaffCommand& command) {
    command.mutable_deposit()->set_account(to.raw());
    command.mutable_deposit()->set_amount(cents);
    command.mutable_deposit()->set_currency("USD");
    command.mutable_deposit()->set_reference("wire");
  });
}

PostId PlatformWorld::post(const AccountId& author, std::optional<Amount> price_cents) {
  auto media = draft({});
  media.mutable_origin()->set_caller_kind(pb::CALLER_KIND_SYSTEM);
  media.mutable_origin()->clear_caller();
  const auto media_id = raw_id();
  media.mutable_media_registered()->set_media(media_id);
  media.mutable_media_registered()->set_owner(author.raw());
  media.mutable_media_registered()->set_kind(pb::MEDIA_KIND_PHOTO);
  media.mutable_media_registered()->set_manifest(std::string(32, 'm'));
  submit(std::move(media));
  auto event = draft(author);
  auto& body = *event.mutable_post_published();
  const auto id = PostId::from_raw(raw_id());
  body.set_post(id.raw());
  body.set_author(author.raw());
  body.set_media(media_id);
  body.set_premium(price_cents.has_value());
  if (price_cents) set_price(*body.mutable_price(), *price_cents);
  seal(*body.mutable_caption(), author);
  submit(std::move(event));
  return id;
}

void PlatformWorld::delete_post(const AccountId& author, const PostId& post) {
  auto event = draft(author);
  event.mutable_post_deleted()->set_post(post.raw());
  submit(std::move(event));
}

void PlatformWorld::purchase(const AccountId& buyer, const PostId& post, Amount cents) {
  auto event = draft(buyer);
  auto& body = *event.mutable_purchased();
  body.set_entry(raw_id());
  body.set_buyer(buyer.raw());
  body.set_post(post.raw());
  set_price(*body.mutable_price(), cents);
  submit(std::move(event));
}

void PlatformWorld::subscribe(const AccountId& fan, const AccountId& creator, Amount cents) {
  auto event = draft(fan);
  auto& body = *event.mutable_subscribed();
  body.set_entry(raw_id());
  body.set_subscriber(fan.raw());
  body.set_creator(creator.raw());
  set_price(*body.mutable_price(), cents);
  submit(std::move(event));
}

void PlatformWorld::tip(const AccountId& from, const AccountId& to, Amount cents) {
  auto event = draft(from);
  auto& body = *event.mutable_tipped();
  body.set_entry(raw_id());
  body.set_from(from.raw());
  body.set_to(to.raw());
  set_price(*body.mutable_amount(), cents);
  submit(std::move(event));
}

std::uint64_t PlatformWorld::ledger_end() {
  return log_.end(log::Stream::ledger, 0).value();
}

pb::ActivityEvent PlatformWorld::act(const AccountId& actor, std::string_view about) {
  pb::ActivityEvent event;
  event.set_format(1);
  event.set_id(raw_id());
  event.set_actor(actor.raw());
  event.set_about(std::string(about));
  event.set_time_ms(clock.now().ms);
  event.set_checked_at(ledger_end());
  return event;
}

PlatformWorld::At PlatformWorld::append(pb::ActivityEvent event) {
  const auto partition =
      activity::partition_of(event.about(), log_.partitions(log::Stream::activity));
  const log::NewRecord record{event.about(), events::encode(event)};
  return {partition, log_.append(log::Stream::activity, partition, {&record, 1}).value()};
}

PlatformWorld::At PlatformWorld::like(const AccountId& by, const PostId& post) {
  auto event = act(by, post.view());
  event.mutable_liked()->set_post(post.raw());
  return append(std::move(event));
}

PlatformWorld::At PlatformWorld::comment(const AccountId& by, const PostId& post,
                                         const CommentId& id) {
  auto event = act(by, post.view());
  event.mutable_commented()->set_comment(id.raw());
  event.mutable_commented()->set_post(post.raw());
  seal(*event.mutable_commented()->mutable_text(), by);
  return append(std::move(event));
}

PlatformWorld::At PlatformWorld::delete_comment(const AccountId& by, const PostId& post,
                                                const CommentId& id) {
  auto event = act(by, post.view());
  event.mutable_comment_deleted()->set_comment(id.raw());
  event.mutable_comment_deleted()->set_post(post.raw());
  return append(std::move(event));
}

PlatformWorld::At PlatformWorld::message(const AccountId& from, const AccountId& to) {
  const auto conversation = conversation_of(from, to);
  auto event = act(from, conversation.view());
  event.mutable_message_sent()->set_message(raw_id());
  event.mutable_message_sent()->set_conversation(conversation.raw());
  event.mutable_message_sent()->set_to(to.raw());
  seal(*event.mutable_message_sent()->mutable_text(), from);
  return append(std::move(event));
}

}  // namespace fl::test
