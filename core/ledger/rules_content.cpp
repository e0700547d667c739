#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {
constexpr std::size_t kCaptionBytes = 4096;  // 1,024 characters of at most four bytes
}

Status check_event(const State& state, const pb::MediaRegistered& e) {
  if (e.media().size() != 16 || e.manifest().size() != 32) {
    return malformed("media_malformed", "media", "The media's id or manifest is not one.");
  }
  if (e.kind() != pb::MEDIA_KIND_PHOTO && e.kind() != pb::MEDIA_KIND_VIDEO) {
    return malformed("media_kind_unknown", "kind", "The media are a photo or a video.");
  }
  if (auto owner = known_account(state, e.owner(), "owner"); !owner) return fail(owner.error());
  if (state.media.contains(MediaId::from_raw(e.media()))) {
    return conflict("media_exists", "media", "The media are registered already.");
  }
  return {};
}

Status check_event(const State& state, const pb::PostPublished& e) {
  if (auto author = selling_creator(state, e.author(), ""); !author) return fail(author.error());
  if (e.post().size() != 16)
    return malformed("post_malformed", "post", "The post's id is not one.");
  const auto* media = state.media.find(MediaId::from_raw(e.media()));
  if (media == nullptr || media->owner != AccountId::from_raw(e.author())) {
    // Of another's media as of none: nothing is told.
    return not_found("media_unknown", "media",
                     "You have no such media, or they are not ready yet.");
  }
  if (e.premium()) {
    if (auto price = read_payment(state, e.price(), "price"); !price) return fail(price.error());
  } else if (e.has_price()) {
    return malformed("price_of_free_post", "price", "A free post has no price.");
  }
  if (e.has_caption()) {
    if (auto s = check_sealed(e.caption(), e.author(), "caption", kCaptionBytes); !s) return s;
  }
  if (state.posts.contains(PostId::from_raw(e.post()))) {
    return conflict("post_exists", "post", "The post is there already.");
  }
  return {};
}

Status check_event(const State& state, const pb::PostDeleted& e, const AccountId& caller) {
  const auto* post = state.posts.find(PostId::from_raw(e.post()));
  if (e.post().size() != 16 || post == nullptr || post->deleted) {
    return not_found("post_unknown", "post", "There is no such post.");
  }
  if (post->author != caller) {
    return refused("not_the_author", "post", "Only its author deletes a post.");
  }
  return {};
}

}  // namespace fl::ledger
