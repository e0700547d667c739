#pragma once

#include <string_view>

#include "schemas/ledger.pb.h"
#include "tests/activity/acts.hpp"

/// Events as the owner and the nodes would have made them.
namespace fl::tests {

inline void post_to(pb::LedgerEvent& event, pb::AccountKind kind, std::string_view owner,
                    std::int64_t amount, std::string_view currency = "USD") {
  auto& posting = *event.add_postings();
  posting.mutable_account()->set_kind(kind);
  if (!owner.empty()) posting.mutable_account()->set_owner(account(owner).raw());
  posting.set_currency(std::string(currency));
  posting.set_amount(amount);
}

inline pb::LedgerEvent opened(std::string_view name, pb::Role role = pb::ROLE_FAN) {
  pb::LedgerEvent event;
  auto& body = *event.mutable_account_opened();
  body.set_account(account(name).raw());
  body.set_role(role);
  body.set_username(std::string(name));
  body.set_email_index(sha256(name).str());
  *body.mutable_email() = sealed("mail");
  return event;
}

inline pb::LedgerEvent deposited(std::string_view to, std::int64_t amount,
                                 std::string_view currency = "USD") {
  pb::LedgerEvent event;
  auto& body = *event.mutable_deposited();
  body.set_entry(named<EntryId>("deposit").raw());
  body.set_account(account(to).raw());
  body.mutable_amount()->set_amount(amount);
  body.mutable_amount()->set_currency(std::string(currency));
  body.set_reference("bank 1");
  post_to(event, pb::ACCOUNT_KIND_CLEARING, "", -amount, currency);
  post_to(event, pb::ACCOUNT_KIND_WALLET, to, amount, currency);
  return event;
}

inline void pay(pb::LedgerEvent& event, std::string_view from, std::string_view to,
                std::int64_t amount, std::int64_t fee) {
  post_to(event, pb::ACCOUNT_KIND_WALLET, from, -amount);
  post_to(event, pb::ACCOUNT_KIND_EARNINGS, to, amount - fee);
  if (fee > 0) post_to(event, pb::ACCOUNT_KIND_FEES, "", fee);
}

inline pb::LedgerEvent tipped(std::string_view from, std::string_view to, std::int64_t amount) {
  pb::LedgerEvent event;
  auto& body = *event.mutable_tipped();
  body.set_entry(named<EntryId>("tip").raw());
  body.set_from(account(from).raw());
  body.set_to(account(to).raw());
  body.mutable_amount()->set_amount(amount);
  body.mutable_amount()->set_currency("USD");
  body.set_fee(amount / 5);
  pay(event, from, to, amount, amount / 5);
  return event;
}

inline pb::LedgerEvent published(std::string_view post, std::string_view author, bool premium,
                                 std::string_view media = "media") {
  pb::LedgerEvent event;
  auto& body = *event.mutable_post_published();
  body.set_post(named<PostId>(post).raw());
  body.set_author(account(author).raw());
  body.set_media(named<MediaId>(media).raw());
  body.set_premium(premium);
  if (premium) {
    body.mutable_price()->set_amount(900);
    body.mutable_price()->set_currency("USD");
  }
  *body.mutable_caption() = sealed(post);
  return event;
}

inline pb::LedgerEvent deleted(std::string_view post) {
  pb::LedgerEvent event;
  event.mutable_post_deleted()->set_post(named<PostId>(post).raw());
  return event;
}

inline pb::LedgerEvent purchased(std::string_view buyer, std::string_view post,
                                 std::string_view author) {
  pb::LedgerEvent event;
  auto& body = *event.mutable_purchased();
  body.set_entry(named<EntryId>("purchase").raw());
  body.set_buyer(account(buyer).raw());
  body.set_post(named<PostId>(post).raw());
  body.mutable_price()->set_amount(900);
  body.mutable_price()->set_currency("USD");
  body.set_fee(450);
  pay(event, buyer, author, 900, 450);
  return event;
}

inline pb::LedgerEvent subscribed(std::string_view who, std::string_view creator,
                                  std::int64_t ends_ms) {
  pb::LedgerEvent event;
  auto& body = *event.mutable_subscribed();
  body.set_entry(named<EntryId>("subscription").raw());
  body.set_subscriber(account(who).raw());
  body.set_creator(account(creator).raw());
  body.mutable_price()->set_currency("USD");
  body.set_ends_ms(ends_ms);
  if (ends_ms > 0) {
    body.mutable_price()->set_amount(1000);
    body.set_fee(100);
    pay(event, who, creator, 1000, 100);
  }
  return event;
}

/// An activity event without its body, filed under its subject.
inline pb::ActivityEvent activity_event(std::string_view id, std::string_view actor,
                                        std::string_view about, std::int64_t time_ms = 1) {
  pb::ActivityEvent event;
  event.set_format(1);
  event.set_id(named<EventId>(id).raw());
  if (!actor.empty()) event.set_actor(account(actor).raw());
  event.set_about(std::string(about));
  event.set_time_ms(time_ms);
  return event;
}

inline pb::ActivityEvent liked(std::string_view id, std::string_view who, std::string_view post,
                               bool like = true) {
  const auto about = named<PostId>(post).raw();
  auto event = activity_event(id, who, about);
  if (like) {
    event.mutable_liked()->set_post(about);
  } else {
    event.mutable_unliked()->set_post(about);
  }
  return event;
}

inline pb::ActivityEvent commented(std::string_view comment, std::string_view who,
                                   std::string_view post) {
  const auto about = named<PostId>(post).raw();
  auto event = activity_event(comment, who, about);
  event.mutable_commented()->set_comment(named<CommentId>(comment).raw());
  event.mutable_commented()->set_post(about);
  *event.mutable_commented()->mutable_text() = sealed(comment);
  return event;
}

inline pb::ActivityEvent comment_deleted(std::string_view id, std::string_view comment,
                                         std::string_view who, std::string_view post) {
  const auto about = named<PostId>(post).raw();
  auto event = activity_event(id, who, about);
  event.mutable_comment_deleted()->set_comment(named<CommentId>(comment).raw());
  event.mutable_comment_deleted()->set_post(about);
  return event;
}

inline pb::ActivityEvent message(std::string_view id, std::string_view from, std::string_view to,
                                 std::int64_t time_ms = 1) {
  const auto about = conversation_of(account(from), account(to)).raw();
  auto event = activity_event(id, from, about, time_ms);
  auto& body = *event.mutable_message_sent();
  body.set_message(named<MessageId>(id).raw());
  body.set_conversation(about);
  body.set_to(account(to).raw());
  *body.mutable_text() = sealed(id);
  return event;
}

inline pb::ActivityEvent upload_started(std::string_view media, std::string_view owner,
                                        std::int64_t size, std::int64_t time_ms = 1) {
  const auto about = named<MediaId>(media).raw();
  auto event = activity_event(std::string("start ").append(media), owner, about, time_ms);
  event.mutable_upload_started()->set_media(about);
  event.mutable_upload_started()->set_size(size);
  return event;
}

inline pb::ActivityEvent upload_chunk(std::string_view media, std::string_view owner,
                                      std::int64_t offset, std::int64_t size) {
  const auto about = named<MediaId>(media).raw();
  auto event = activity_event("chunk " + std::to_string(offset), owner, about);
  event.mutable_upload_chunk()->set_media(about);
  event.mutable_upload_chunk()->set_offset(offset);
  event.mutable_upload_chunk()->set_size(size);
  event.mutable_upload_chunk()->set_blob(sha256(std::to_string(offset)).str());
  return event;
}

inline pb::ActivityEvent upload_ended(std::string_view media, std::string_view owner) {
  const auto about = named<MediaId>(media).raw();
  auto event = activity_event(std::string("end ").append(media), owner, about);
  event.mutable_upload_ended()->set_media(about);
  event.mutable_upload_ended()->set_end(owner.empty() ? pb::UPLOAD_END_REFUSED
                                                      : pb::UPLOAD_END_CANCELLED);
  return event;
}

inline pb::ActivityEvent job_claimed(std::string_view id, std::string_view job) {
  const auto about = named<JobId>(job).raw();
  auto event = activity_event(id, "", about);
  event.mutable_job_claimed()->set_job(about);
  event.mutable_job_claimed()->set_worker("w1");
  return event;
}

inline pb::ActivityEvent job_ended(std::string_view id, std::string_view job, std::uint64_t token,
                                   pb::JobOutcome outcome) {
  const auto about = named<JobId>(job).raw();
  auto event = activity_event(id, "", about);
  event.mutable_job_ended()->set_job(about);
  event.mutable_job_ended()->set_token(token);
  event.mutable_job_ended()->set_outcome(outcome);
  return event;
}

inline pb::ActivityEvent noticed(std::string_view notice, std::string_view to) {
  auto event = activity_event(notice, "", account(to).raw());
  event.mutable_noticed()->set_notice(named<NoticeId>(notice).raw());
  event.mutable_noticed()->set_kind(pb::NOTICE_KIND_TIP);
  return event;
}

inline pb::ActivityEvent notices_read(std::string_view id, std::string_view who,
                                      std::uint64_t up_to) {
  auto event = activity_event(id, who, account(who).raw());
  event.mutable_notices_read()->set_up_to(up_to);
  return event;
}

}  // namespace fl::tests
