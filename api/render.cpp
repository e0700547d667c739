#include "api/render.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/time.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/policy.hpp"

namespace fl::api {

using nlohmann::json;

const char* to_string(pb::NoticeKind kind) {
  switch (kind) {
    case pb::NOTICE_KIND_LIKE:
      return "like";
    case pb::NOTICE_KIND_COMMENT:
      return "comment";
    case pb::NOTICE_KIND_MESSAGE:
      return "message";
    case pb::NOTICE_KIND_PURCHASE:
      return "purchase";
    case pb::NOTICE_KIND_SUBSCRIPTION:
      return "subscription";
    case pb::NOTICE_KIND_TIP:
      return "tip";
    case pb::NOTICE_KIND_DEPOSIT:
      return "deposit";
    case pb::NOTICE_KIND_VERIFIED:
      return "verified";
    case pb::NOTICE_KIND_MEDIA_READY:
      return "media_ready";
    case pb::NOTICE_KIND_MEDIA_REFUSED:
      return "media_refused";
    default:
      return "unknown";
  }
}

json Renderer::money(const Money& money) {
  return {{"amount", money.amount}, {"currency", std::string(money.currency.code())}};
}

json Renderer::account(const projections::AccountRow& row) const {
  json out = {{"id", row.id.str()},
              {"username", row.username},
              {"role", row.creator ? "creator" : "fan"},
              {"since", to_rfc3339(row.opened)}};
  if (row.creator) {
    out["verified"] = row.verified;
    out["subscription_price"] = row.subscription_price ? money(*row.subscription_price) : json();
    out["subscribers"] =
        platform_.models.access.subscriber_count(view_, row.id, platform_.clock.now());
    out["followers"] = platform_.models.access.follower_count(view_, row.id);
  }
  return out;
}

json Renderer::author(const AccountId& id) const {
  if (id.is_zero()) return nullptr;
  const auto row = platform_.models.accounts.by_id(view_, id);
  return {{"id", id.str()}, {"username", row ? json(row->username) : json()}};
}

json Renderer::text(std::string_view sealed, std::string_view field) const {
  if (sealed.empty()) return "";
  pb::Sealed parsed;
  if (!events::decode(sealed, parsed)) return nullptr;
  auto opened = platform_.subject_keys.open_text(parsed, field);
  if (opened.state != secrets::TextState::open) return nullptr;
  return opened.text;
}

json Renderer::decision(const ledger::AccessDecision& decision) const {
  json out = {{"allowed", decision.allowed}, {"code", decision.code}, {"reason", decision.reason}};
  if (decision.event_seq) out["event"] = *decision.event_seq;
  return out;
}

json Renderer::post(const projections::PostRow& row) const {
  const auto counts = platform_.models.social.counts(view_, row.id);
  const auto media = platform_.models.catalogue.media(view_, row.media);
  const auto facts =
      projections::access_facts(platform_.models, view_, viewer_, row, platform_.clock.now());
  const auto base = "/v1/posts/" + row.id.str();
  json out = {{"id", row.id.str()},
              {"author", author(row.author)},
              {"kind", media && media->video ? "video" : "photo"},
              {"premium", row.premium},
              {"price", row.premium ? money(row.price) : json()},
              {"caption", text(row.caption, "post.caption")},
              {"published", to_rfc3339(row.published)},
              {"likes", counts.likes},
              {"comments", counts.comments},
              {"poster", base + "/poster.jpg"},
              {"access", decision(ledger::decide_access(ledger::Artefact::work, facts))}};
  if (media && media->video) out["preview"] = base + "/preview.mp4";
  if (viewer_) out["liked"] = platform_.models.social.has_liked(view_, row.id, *viewer_);
  return out;
}

json Renderer::comment(const CommentId& id, const activity::CommentRow& row) const {
  return {{"id", id.str()},
          {"post", row.post.str()},
          {"author", author(row.author)},
          {"text", text(row.text, "comment.text")},
          {"time", to_rfc3339(Instant{row.time_ms})}};
}

json Renderer::message(const activity::MessageRow& row) const {
  return {{"id", row.id.str()},
          {"conversation", conversation_of(row.from, row.to).str()},
          {"from", author(row.from)},
          {"to", author(row.to)},
          {"text", text(row.text, "message.text")},
          {"time", to_rfc3339(Instant{row.time_ms})}};
}

std::string Renderer::notice_text(const activity::NoticeRow& row) const {
  const auto by = author(row.by);
  const std::string who =
      by.is_null() || by["username"].is_null() ? "Somebody" : by["username"].get<std::string>();
  const auto currency = Currency::parse(row.currency);
  std::string amount;
  if (currency) {
    const auto decimals = platform_.gate.decimals(*currency).value_or(0);
    amount = format_money({row.amount, *currency}, decimals);
  }
  switch (row.kind) {
    case pb::NOTICE_KIND_LIKE:
      return who + " liked your post.";
    case pb::NOTICE_KIND_COMMENT:
      return who + " commented on your post.";
    case pb::NOTICE_KIND_MESSAGE:
      return who + " wrote you a message.";
    case pb::NOTICE_KIND_PURCHASE:
      return who + " bought your post for " + amount + ".";
    case pb::NOTICE_KIND_SUBSCRIPTION:
      return row.amount == 0 ? who + " follows you."
                             : who + " subscribed to you for " + amount + ".";
    case pb::NOTICE_KIND_TIP:
      return who + " tipped you " + amount + ".";
    case pb::NOTICE_KIND_DEPOSIT:
      return amount + " was paid into your wallet.";
    case pb::NOTICE_KIND_VERIFIED:
      return "You are verified: you may publish and sell.";
    case pb::NOTICE_KIND_MEDIA_READY:
      return "Your upload is ready to be published.";
    case pb::NOTICE_KIND_MEDIA_REFUSED:
      return "Your upload was refused.";
    default:
      return "Something happened.";
  }
}

json Renderer::notice(const projections::Notice& notice) const {
  const auto& row = notice.row;
  json out = {{"id", row.id.str()},
              {"kind", to_string(row.kind)},
              {"by", author(row.by)},
              {"text", notice_text(row)},
              {"time", to_rfc3339(Instant{row.time_ms})},
              {"read", notice.read},
              {"offset", row.offset}};
  switch (row.kind) {
    case pb::NOTICE_KIND_LIKE:
    case pb::NOTICE_KIND_COMMENT:
    case pb::NOTICE_KIND_PURCHASE:
      out["post"] = PostId::from_raw(row.subject).str();
      break;
    case pb::NOTICE_KIND_MEDIA_READY:
    case pb::NOTICE_KIND_MEDIA_REFUSED:
      out["media"] = MediaId::from_raw(row.subject).str();
      break;
    case pb::NOTICE_KIND_MESSAGE:
      out["conversation"] = ConversationId::from_raw(row.subject).str();
      break;
    default:
      break;
  }
  if (const auto currency = Currency::parse(row.currency)) {
    out["amount"] = money({row.amount, *currency});
  }
  return out;
}

json Renderer::statement_row(const projections::StatementRow& row) const {
  json out = {{"event", row.event_seq},
              {"time", to_rfc3339(row.time)},
              {"kind", projections::to_string(row.kind)},
              {"entry", row.entry.str()},
              {"amount", money(row.amount)},
              {"balance", row.balance},
              {"fee", row.fee}};
  if (row.other && !row.other->owner.is_zero()) out["with"] = author(row.other->owner);
  if (row.post) out["post"] = row.post->str();
  if (!row.reference.empty()) out["reference"] = row.reference;
  return out;
}

json Renderer::subscription(const projections::SubscriptionRow& row, Instant now) const {
  return {{"creator", author(row.creator)},
          {"price", money(row.price)},
          {"follow", row.follow},
          {"active", row.active_at(now)},
          {"started", to_rfc3339(row.started)},
          {"ends", row.follow ? json() : json(to_rfc3339(row.ends))}};
}

}  // namespace fl::api
