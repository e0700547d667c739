#include "projections/uploads.hpp"

#include "projections/events_at.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

using activity::UploadRow;
using activity::Verdict;

constexpr std::uint8_t kVersion = 1;

// 'u' media               → UploadRow         'k' media offset  → UploadChunkRow
// 'o' owner ~start media  → (list)            'n' owner         → open uploads
RowKey upload_key(const MediaId& media) {
  return RowKey('u').id(media);
}
RowKey chunk_key(const MediaId& media, std::int64_t offset) {
  return RowKey('k').id(media).u64(static_cast<std::uint64_t>(offset));
}
RowKey open_key(const AccountId& owner) {
  return RowKey('n').id(owner);
}

std::optional<std::uint64_t> decode_count(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  const auto count = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return count;
}

/// Uploads of one owner lie in many partitions: the counter only adds and subtracts, so their order
/// does not matter. It may pass through any value only if it never goes below zero, and it does
/// not: an upload is counted before it is uncounted, in its own partition.
void count_open(Txn& txn, const AccountId& owner, bool up) {
  const auto before = decoded(txn.get(open_key(owner)), decode_count, txn.projection()).value_or(0);
  const auto after = up ? before + 1 : before - 1;
  if (after == 0) return txn.erase(open_key(owner));
  std::string out;
  put_u8(out, kVersion);
  put_u64(out, after);
  txn.put(open_key(owner), std::move(out));
}

template <class Body>
bool change(Txn& txn, const activity::Act& act, const MediaId& media, const Body& body) {
  auto row = decoded(txn.get(upload_key(media)), activity::decode_upload, txn.projection());
  const bool was_open = row && row->open();
  if (fold(row, act, body) != Verdict::applied) return false;
  if (row->open() != was_open) count_open(txn, row->owner, row->open());
  txn.put(upload_key(media), encode(*row));
  return true;
}

void started(Txn& txn, const activity::Act& act, const pb::UploadStarted& body) {
  const auto media = MediaId::from_raw(body.media());
  if (!change(txn, act, media, body)) return;
  txn.put(RowKey('o').id(act.actor).newest_first_ms(act.time_ms).id(media), "");
}

void chunk(Txn& txn, const activity::Act& act, const pb::UploadChunk& body) {
  const auto media = MediaId::from_raw(body.media());
  if (!change(txn, act, media, body)) return;
  const activity::UploadChunkRow row{body.offset(), body.size(), Digest::from(body.blob())};
  txn.put(chunk_key(media, row.offset), encode(row));
}

}  // namespace

Status Uploads::apply(Txn& txn, const ActivityEventAt& at) {
  const auto& event = at.event;
  if (!event.has_upload_started() && !event.has_upload_chunk() && !event.has_upload_ended()) {
    return {};
  }
  if (!activity::well_formed(event)) return {};
  const auto act = activity::act_of(event, at.partition, at.offset);
  if (event.has_upload_started()) started(txn, act, event.upload_started());
  if (event.has_upload_chunk()) chunk(txn, act, event.upload_chunk());
  if (event.has_upload_ended()) {
    const auto& body = event.upload_ended();
    change(txn, act, MediaId::from_raw(body.media()), body);
  }
  return {};
}

std::optional<UploadRow> Uploads::upload(const View& view, const MediaId& media) const {
  return decoded(view.get(name(), upload_key(media)), activity::decode_upload, name());
}

std::vector<activity::UploadChunkRow> Uploads::chunks(const View& view,
                                                      const MediaId& media) const {
  std::vector<activity::UploadChunkRow> out;
  view.scan(name(), RowKey('k').id(media), "", activity::kMaxUploadChunks,
            [&](std::string_view, std::string_view value) {
              out.push_back(intact(activity::decode_upload_chunk(value), name()));
              return true;
            });
  return out;
}

std::optional<activity::UploadChunkRow> Uploads::chunk_at(const View& view, const MediaId& media,
                                                          std::int64_t offset) const {
  return decoded(view.get(name(), chunk_key(media, offset)), activity::decode_upload_chunk, name());
}

Result<Listing<Upload>> Uploads::uploads_of(const View& view, const AccountId& owner,
                                            const Page& page) const {
  return listing(view, name(), RowKey('o').id(owner), page, [&](const View::Row& row) {
    const auto media = MediaId::from_raw(std::string_view(row.key).substr(8));
    return Upload{media, intact(upload(view, media), name())};
  });
}

std::uint64_t Uploads::open_count(const View& view, const AccountId& owner) const {
  return decoded(view.get(name(), open_key(owner)), decode_count, name()).value_or(0);
}

}  // namespace fl::projections
