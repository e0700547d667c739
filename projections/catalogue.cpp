#include "projections/catalogue.hpp"

#include "projections/events_at.hpp"
#include "projections/ledger_fields.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

constexpr std::uint8_t kVersion = 1;

// 'p' post           → PostRow      'A' author ~event → post (not deleted)
// 'm' media          → MediaRow     'M' owner ~event  → media
// 'w' media ~event   → post
RowKey post_key(const PostId& id) {
  return RowKey('p').id(id);
}
RowKey author_key(const PostRow& row) {
  return RowKey('A').id(row.author).newest_first(row.event_seq);
}

std::string encode(const PostRow& row) {
  std::string out;
  put_u8(out, kVersion);
  out.append(row.id.view());
  out.append(row.author.view());
  out.append(row.media.view());
  put_u8(out, row.premium ? 1 : 0);
  put_money(out, row.price);
  put_bytes(out, row.caption);
  put_i64(out, row.published.ms);
  put_u64(out, row.event_seq);
  put_u8(out, row.deleted ? 1 : 0);
  put_u64(out, row.deleted_seq);
  return out;
}

std::optional<PostRow> decode_post(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  PostRow row;
  row.id = PostId::from_raw(in.raw(16));
  row.author = AccountId::from_raw(in.raw(16));
  row.media = MediaId::from_raw(in.raw(16));
  row.premium = in.u8() != 0;
  row.price = read_money(in);
  row.caption = in.bytes();
  row.published.ms = in.i64();
  row.event_seq = in.u64();
  row.deleted = in.u8() != 0;
  row.deleted_seq = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

std::string encode(const MediaRow& row) {
  std::string out;
  put_u8(out, kVersion);
  out.append(row.id.view());
  out.append(row.owner.view());
  put_u8(out, row.video ? 1 : 0);
  out.append(row.manifest.view());
  put_i64(out, row.registered.ms);
  put_u64(out, row.event_seq);
  return out;
}

std::optional<MediaRow> decode_media(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  MediaRow row;
  row.id = MediaId::from_raw(in.raw(16));
  row.owner = AccountId::from_raw(in.raw(16));
  row.video = in.u8() != 0;
  row.manifest = Digest::from(in.raw(32));
  row.registered.ms = in.i64();
  row.event_seq = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

void registered(Txn& txn, const LedgerEventAt& at) {
  const auto& body = at.event.media_registered();
  const MediaRow row{MediaId::from_raw(body.media()),
                     AccountId::from_raw(body.owner()),
                     body.kind() == pb::MEDIA_KIND_VIDEO,
                     Digest::from(body.manifest()),
                     Instant{at.time_ms},
                     at.event_seq};
  txn.put(RowKey('m').id(row.id), encode(row));
  txn.put(RowKey('M').id(row.owner).newest_first(row.event_seq), row.id.raw());
}

void published(Txn& txn, const LedgerEventAt& at) {
  const auto& body = at.event.post_published();
  PostRow row;
  row.id = PostId::from_raw(body.post());
  row.author = AccountId::from_raw(body.author());
  row.media = MediaId::from_raw(body.media());
  row.premium = body.premium();
  row.price = money_of(body.price());
  if (body.has_caption()) row.caption = body.caption().SerializeAsString();
  row.published = {at.time_ms};
  row.event_seq = at.event_seq;
  txn.put(post_key(row.id), encode(row));
  txn.put(author_key(row), row.id.raw());
  txn.put(RowKey('w').id(row.media).newest_first(row.event_seq), row.id.raw());
}

Status deleted(Txn& txn, const LedgerEventAt& at) {
  const auto key = post_key(PostId::from_raw(at.event.post_deleted().post()));
  auto row = decoded(txn.get(key), decode_post, txn.projection());
  if (!row) {
    return fail(ErrorClass::unavailable, "ledger_halt", "",
                "Event " + std::to_string(at.event_seq) + " deletes a post that is not there.");
  }
  row->deleted = true;
  row->deleted_seq = at.event_seq;
  txn.put(key, encode(*row));
  txn.erase(author_key(*row));
  return {};
}

}  // namespace

Status Catalogue::apply(Txn& txn, const LedgerEventAt& at) {
  switch (at.event.body_case()) {
    case pb::LedgerEvent::kMediaRegistered:
      registered(txn, at);
      return {};
    case pb::LedgerEvent::kPostPublished:
      published(txn, at);
      return {};
    case pb::LedgerEvent::kPostDeleted:
      return deleted(txn, at);
    case pb::LedgerEvent::kAccountOpened:
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kCreatorVerified:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kDeposited:
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kPurchased:
    case pb::LedgerEvent::kSubscribed:
    case pb::LedgerEvent::kTipped:
    case pb::LedgerEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

std::optional<PostRow> Catalogue::post(const View& view, const PostId& id) const {
  return decoded(view.get(name(), post_key(id)), decode_post, name());
}

std::optional<MediaRow> Catalogue::media(const View& view, const MediaId& id) const {
  return decoded(view.get(name(), RowKey('m').id(id)), decode_media, name());
}

Result<Listing<PostRow>> Catalogue::posts_of(const View& view, const AccountId& author,
                                             const Page& page) const {
  return listing_of_ids<PostId>(view, name(), RowKey('A').id(author), page,
                                [&](const PostId& id) { return post(view, id); });
}

Result<Listing<PostRow>> Catalogue::posts_with(const View& view, const MediaId& media,
                                               const Page& page) const {
  return listing_of_ids<PostId>(view, name(), RowKey('w').id(media), page,
                                [&](const PostId& id) { return post(view, id); });
}

Result<Listing<MediaRow>> Catalogue::media_of(const View& view, const AccountId& owner,
                                              const Page& page) const {
  return listing_of_ids<MediaId>(view, name(), RowKey('M').id(owner), page,
                                 [&](const MediaId& id) { return media(view, id); });
}

}  // namespace fl::projections
