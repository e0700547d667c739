#include "core/activity/uploads.hpp"

#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {
constexpr std::uint8_t kUploadVersion = 1;
constexpr std::uint8_t kChunkVersion = 1;
}  // namespace

std::string encode(const UploadRow& row) {
  std::string out;
  put_u8(out, kUploadVersion);
  out.append(row.owner.view());
  put_i64(out, row.size);
  put_i64(out, row.received);
  put_u32(out, row.chunks);
  put_bytes(out, row.file_name);
  put_i64(out, row.started_ms);
  put_i64(out, row.changed_ms);
  put_u8(out, static_cast<std::uint8_t>(row.end));
  put_bytes(out, row.code);
  put_bytes(out, row.detail);
  return out;
}

std::optional<UploadRow> decode_upload(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  UploadRow row;
  row.owner = AccountId::from_raw(in.raw(16));
  row.size = in.i64();
  row.received = in.i64();
  row.chunks = in.u32();
  row.file_name = in.bytes();
  row.started_ms = in.i64();
  row.changed_ms = in.i64();
  row.end = static_cast<pb::UploadEnd>(in.u8());
  row.code = in.bytes();
  row.detail = in.bytes();
  if (!in.done() || version != kUploadVersion) return std::nullopt;
  return row;
}

std::string encode(const UploadChunkRow& row) {
  std::string out;
  put_u8(out, kChunkVersion);
  put_i64(out, row.offset);
  put_i64(out, row.size);
  out.append(row.blob.view());
  return out;
}

std::optional<UploadChunkRow> decode_upload_chunk(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  UploadChunkRow row;
  row.offset = in.i64();
  row.size = in.i64();
  row.blob = Digest::from(in.raw(32));
  if (!in.done() || version != kChunkVersion) return std::nullopt;
  return row;
}

Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadStarted& body) {
  if (row) return Verdict::repeated;
  if (act.actor.is_zero() || body.size() <= 0) return Verdict::malformed;
  row.emplace();
  row->owner = act.actor;
  row->size = body.size();
  row->file_name = body.file_name().SerializeAsString();
  row->started_ms = act.time_ms;
  row->changed_ms = act.time_ms;
  return Verdict::applied;
}

Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadChunk& body) {
  if (!row) return Verdict::unknown;
  if (act.actor != row->owner) return Verdict::foreign;
  if (!row->open()) return Verdict::ended;
  if (body.offset() != row->received || body.size() <= 0 ||
      body.size() > row->size - row->received || row->chunks == kMaxUploadChunks) {
    return Verdict::misplaced;
  }
  row->received += body.size();
  ++row->chunks;
  row->changed_ms = act.time_ms;
  return Verdict::applied;
}

Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadEnded& body) {
  if (!row) return Verdict::unknown;
  if (row->ended()) return Verdict::repeated;
  switch (body.end()) {
    case pb::UPLOAD_END_CANCELLED:
      if (act.actor != row->owner) return Verdict::foreign;
      if (row->complete()) return Verdict::ended;  // a worker may be at its bytes by now
      break;
    case pb::UPLOAD_END_REFUSED:
      if (!act.actor.is_zero()) return Verdict::foreign;
      break;
    case pb::UPLOAD_END_UNSPECIFIED:
    case pb::UploadEnd_INT_MIN_SENTINEL_DO_NOT_USE_:
    case pb::UploadEnd_INT_MAX_SENTINEL_DO_NOT_USE_:
      return Verdict::malformed;
  }
  row->end = body.end();
  row->code = body.code();
  row->detail = body.detail();
  row->changed_ms = act.time_ms;
  return Verdict::applied;
}

}  // namespace fl::activity
