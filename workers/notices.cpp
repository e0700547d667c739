#include "workers/notices.hpp"

namespace fl::workers {
namespace {

using projections::ReadModels;
using projections::View;

struct Draft {
  pb::NoticeKind kind;
  std::string to;
  std::string by;
  std::string subject;
  pb::Price amount;
};

std::optional<pb::ActivityEvent> make(const Draft& draft, std::string_view cause,
                                      std::uint64_t checked_at) {
  if (draft.to.size() != 16 || draft.to == draft.by) return std::nullopt;
  const auto kind = std::to_string(draft.kind);
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>("notice-event", kind, cause).raw());
  event.set_about(draft.to);
  event.set_checked_at(checked_at);
  auto* body = event.mutable_noticed();
  body->set_notice(derive_id<NoticeId>("notice", kind, cause).raw());
  body->set_kind(draft.kind);
  body->set_by(draft.by);
  body->set_subject(draft.subject);
  body->set_amount(draft.amount.amount());
  body->set_currency(draft.amount.currency());
  return event;
}

std::string author_of(const ReadModels& models, const View& view, std::string_view post) {
  const auto row = models.catalogue.post(view, PostId::from_raw(post));
  return row ? row->author.raw() : std::string();
}

}  // namespace

bool mailed(pb::NoticeKind kind) {
  return kind != pb::NOTICE_KIND_LIKE && kind != pb::NOTICE_KIND_MEDIA_READY;
}

std::optional<pb::ActivityEvent> notice_of(const projections::LedgerEventAt& at,
                                           const ReadModels& models, const View& view) {
  const auto cause = "ledger/" + std::to_string(at.event_seq);
  const auto tell = [&](const Draft& draft) { return make(draft, cause, at.offset + 1); };
  switch (at.event.body_case()) {
    case pb::LedgerEvent::kPurchased: {
      const auto& e = at.event.purchased();
      return tell({pb::NOTICE_KIND_PURCHASE, author_of(models, view, e.post()), e.buyer(), e.post(),
                   e.price()});
    }
    case pb::LedgerEvent::kSubscribed: {
      const auto& e = at.event.subscribed();
      return tell({pb::NOTICE_KIND_SUBSCRIPTION, e.creator(), e.subscriber(), "", e.price()});
    }
    case pb::LedgerEvent::kTipped: {
      const auto& e = at.event.tipped();
      return tell({pb::NOTICE_KIND_TIP, e.to(), e.from(), e.post(), e.amount()});
    }
    case pb::LedgerEvent::kDeposited: {
      const auto& e = at.event.deposited();
      return tell({pb::NOTICE_KIND_DEPOSIT, e.account(), "", "", e.amount()});
    }
    case pb::LedgerEvent::kCreatorVerified:
      return tell({pb::NOTICE_KIND_VERIFIED, at.event.creator_verified().account(), "", "", {}});
    case pb::LedgerEvent::kMediaRegistered: {
      const auto& e = at.event.media_registered();
      return tell({pb::NOTICE_KIND_MEDIA_READY, e.owner(), "", e.media(), {}});
    }
    case pb::LedgerEvent::kAccountOpened:
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kPostPublished:
    case pb::LedgerEvent::kPostDeleted:
    case pb::LedgerEvent::BODY_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<pb::ActivityEvent> notice_of(const projections::ActivityEventAt& at,
                                           const ReadModels& models, const View& view) {
  const auto& event = at.event;
  const auto actor = AccountId::from_raw(event.actor());
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked: {
      const auto& post = event.liked().post();
      // A like taken back tells nothing; liked again, the first notice stands.
      if (!models.social.has_liked(view, PostId::from_raw(post), actor)) return std::nullopt;
      return make({pb::NOTICE_KIND_LIKE, author_of(models, view, post), event.actor(), post, {}},
                  "like/" + post + event.actor(), event.checked_at());
    }
    case pb::ActivityEvent::kCommented: {
      const auto& e = event.commented();
      const auto comment =
          models.social.comment(view, PostId::from_raw(e.post()), CommentId::from_raw(e.comment()));
      if (!comment || comment->row.deleted) return std::nullopt;
      return make(
          {pb::NOTICE_KIND_COMMENT, author_of(models, view, e.post()), event.actor(), e.post(), {}},
          "comment/" + e.comment(), event.checked_at());
    }
    case pb::ActivityEvent::kMessageSent: {
      const auto& e = event.message_sent();
      return make({pb::NOTICE_KIND_MESSAGE, e.to(), event.actor(), e.conversation(), {}},
                  "message/" + e.message(), event.checked_at());
    }
    case pb::ActivityEvent::kUploadEnded: {
      const auto& e = event.upload_ended();
      if (e.end() != pb::UPLOAD_END_REFUSED) return std::nullopt;
      const auto upload = models.uploads.upload(view, MediaId::from_raw(e.media()));
      if (!upload) return std::nullopt;
      return make({pb::NOTICE_KIND_MEDIA_REFUSED, upload->owner.raw(), "", e.media(), {}},
                  "refused/" + e.media(), event.checked_at());
    }
    case pb::ActivityEvent::kUnliked:
    case pb::ActivityEvent::kCommentDeleted:
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticed:
    case pb::ActivityEvent::kNoticesRead:
    case pb::ActivityEvent::BODY_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace fl::workers
