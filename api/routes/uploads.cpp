#include <array>
#include <charconv>

#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "api/turns.hpp"
#include "core/base/encoding.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/projection_position.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/media/sniff.hpp"
#include "workers/progress.hpp"
#include "workers/services.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

constexpr std::string_view kTusVersion = "1.0.0";
constexpr std::uint64_t kChunkBytes = 64ULL << 20;  // of one PATCH
constexpr std::uint64_t kOpenUploads = 20;          // of one account
constexpr std::size_t kReadBytes = 256 * 1024;

Failure malformed(std::string code, std::string_view field, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), std::string(field), std::move(message));
}

Failure upload_ended() {
  return fail(ErrorClass::conflict, "upload_ended", "media", "The upload has ended.");
}

Result<std::int64_t> header_number(const http::Request& request, std::string_view name) {
  const auto text = request.headers.get(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0) {
    return malformed("field_bad_value", name, "A whole number of bytes is needed.");
  }
  return value;
}

Failure offset_differs(const activity::UploadRow& row) {
  return fail(ErrorClass::conflict, "offset_differs", "Upload-Offset",
              "The next byte is " + std::to_string(row.received) + ".");
}

/// The `filename` of tus's Upload-Metadata: "filename d29ybGQ=,other …". It is shown, never used.
Result<std::string> file_name(const http::Request& request) {
  std::string_view rest = request.headers.get("Upload-Metadata");
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    auto pair = rest.substr(0, comma);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with("filename ")) {
      const auto name = from_base64(pair.substr(9));
      if (!name || name->size() > 255) {
        return malformed("field_bad_value", "Upload-Metadata",
                         "A file name is base64 of at most 255 bytes.");
      }
      return *name;
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return std::string();
}

pb::ActivityEvent upload_event(const RequestContext& context, const MediaId& media,
                               const std::string& kind, const std::string& name) {
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>(kind, media.view(), name).raw());
  event.set_actor(context.account().raw());
  event.set_about(media.raw());
  return event;
}

/// The caller's own upload. Another's is as if it were not there.
Result<activity::UploadRow> own_upload(const RequestContext& context, Platform& platform,
                                       const MediaId& media) {
  auto row = platform.models.uploads.upload(platform.store.view(), media);
  if (!row || row->owner != context.account()) {
    return fail(ErrorClass::not_found, "upload_unknown", "media", "You have no such upload.");
  }
  return *row;
}

/// The answer to the beginning of an upload, from where it stands: it may have been begun before,
/// with the same key. A key that named another file is refused, as the ledger's commands are.
Result<Response> begun(const RequestContext& context, Platform& platform, const MediaId& media,
                       const projections::PositionToken& position, std::int64_t size,
                       const std::string& name) {
  auto row = own_upload(context, platform, media);
  if (!row) return fail(row.error());
  const auto view = platform.store.view();
  const Renderer renderer(platform, view, context.account());
  if (row->size != size || renderer.text(row->file_name, "upload.file_name") != json(name)) {
    return fail(ErrorClass::conflict, "idempotency_key_reused", std::string(kIdempotencyHeader),
                "This key was used for an upload of another size or name: send a fresh one.");
  }
  return Response::json({{"media", media.str()}, {"position", position.str()}}, 201)
      .set(kPositionHeader, position.str())
      .set("Location", "/v1/uploads/" + media.str())
      .set("Upload-Offset", std::to_string(row->received))
      .set("Tus-Resumable", kTusVersion);
}

awaitable<Result<Response>> start_upload(RequestContext& context, Platform& platform) {
  auto size = header_number(context.request(), "Upload-Length");
  if (!size) co_return fail(size.error());
  const media::MediaLimits limits;
  if (*size == 0) co_return malformed("media_empty", "Upload-Length", "The file is empty.");
  if (static_cast<std::uint64_t>(*size) > limits.max_bytes) {
    co_return malformed("upload_too_large", "Upload-Length",
                        "A file has at most " + std::to_string(limits.max_bytes) + " bytes.");
  }
  auto name = file_name(context.request());
  if (!name) co_return fail(name.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) co_return fail(id.error());
  const auto media = derive_id<MediaId>("media", context.account().view(), *id);
  if (platform.models.uploads.upload(at->view, media)) {  // the same request again
    const auto seen = projections::progress_of(at->view, platform.models.uploads.name()).token();
    co_return begun(context, platform, media, seen, *size, *name);
  }
  if (platform.models.uploads.open_count(at->view, context.account()) >= kOpenUploads) {
    co_return fail(
        ErrorClass::conflict, "too_many_uploads", "",
        "Finish or cancel an upload first: " + std::to_string(kOpenUploads) + " may be open.");
  }
  auto event = upload_event(context, media, "upload_started", "");
  event.mutable_upload_started()->set_media(media.raw());
  event.mutable_upload_started()->set_size(*size);
  if (!name->empty()) {
    auto sealed = platform.subject_keys.seal_text(context.account(), "upload.file_name", *name);
    if (!sealed) co_return fail(sealed.error());
    *event.mutable_upload_started()->mutable_file_name() = *sealed;
  }
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  if (auto applied = co_await await_position(platform, *position); !applied) {
    co_return fail(applied.error());
  }
  // Two may have sent this request at once: the fold took one of them.
  co_return begun(context, platform, media, *position, *size, *name);
}

awaitable<Result<Response>> show_upload(RequestContext& context, Platform& platform) {
  const auto media = context.id_param<MediaId>("media");
  if (!media) co_return fail(media.error());
  auto row = own_upload(context, platform, *media);
  if (!row) co_return fail(row.error());
  const auto ready = platform.models.catalogue.media(platform.store.view(), *media);
  json out = {{"media", media->str()}, {"size", row->size}, {"received", row->received}};
  if (ready) {
    out["state"] = "ready";
    out["kind"] = ready->video ? "video" : "photo";
  } else if (row->ended()) {
    out["state"] = row->end == pb::UPLOAD_END_CANCELLED ? "cancelled" : "refused";
    out["code"] = row->code;
    out["detail"] = row->detail;
  } else if (!row->complete()) {
    out["state"] = "uploading";
  } else {
    out["state"] = "processing";
    out["percent"] = platform.progress.get(*media).value_or(0);
  }
  co_return Response::json(out)
      .set("Upload-Offset", std::to_string(row->received))
      .set("Upload-Length", std::to_string(row->size))
      .set("Tus-Resumable", kTusVersion);
}

/// Ends the upload as refused, so that nothing of it stays.
awaitable<Result<Response>> refuse(RequestContext& context, Platform& platform,
                                   const MediaId& media, Error why) {
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = upload_event(context, media, "upload_refused", "");
  event.clear_actor();  // the platform refuses: from its owner the fold takes a cancellation alone
  auto* body = event.mutable_upload_ended();
  body->set_media(media.raw());
  body->set_end(pb::UPLOAD_END_REFUSED);
  body->set_code(why.code);
  body->set_detail(why.message);
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  auto removed = co_await context.on_blocking_pool(
      [&] { return workers::remove_sources(platform.folder().sources(), media); });
  if (!removed) co_return fail(removed.error());
  // The next look at the upload shows its end; if not, the refusal is no less certain.
  static_cast<void>(co_await await_position(platform, *position));
  co_return fail(std::move(why));
}

struct Chunk {
  std::unique_ptr<blobs::BlobWriter> writer;
  std::string head;  ///< the first bytes
};

/// Receives the body into the upload's store. What fails is as if it had never been sent.
awaitable<Result<Chunk>> receive(RequestContext& context, Platform& platform, const MediaId& media,
                                 std::uint64_t at_most) {
  auto opened = co_await context.on_blocking_pool([&]() -> Result<Chunk> {
    auto store = workers::open_sources(platform.folder().sources(), media, platform.ledger_id());
    if (!store) return fail(store.error());
    auto writer = store->writer(at_most);
    if (!writer) return fail(writer.error());
    return Chunk{std::make_unique<blobs::BlobWriter>(std::move(*writer)), {}};
  });
  if (!opened) co_return fail(opened.error());
  std::vector<char> buffer(kReadBytes);
  std::string pending;
  while (true) {
    auto size = co_await context.body().read_some(buffer);
    if (!size) co_return fail(size.error());
    if (opened->head.size() < media::kSniffBytes) {
      opened->head.append(buffer.data(), std::min(*size, media::kSniffBytes - opened->head.size()));
    }
    pending.append(buffer.data(), *size);
    if (pending.size() < kReadBytes && *size > 0) continue;
    auto wrote = co_await context.on_blocking_pool([&] { return opened->writer->write(pending); });
    if (!wrote) co_return fail(wrote.error());
    pending.clear();
    if (*size == 0) co_return std::move(*opened);
  }
}

/// One chunk of an upload at a time: the bytes of all but one of several would lie about unused.
using Receiving = Turns<MediaId>;

awaitable<Result<Response>> take_chunk(RequestContext& context, Platform& platform,
                                       const MediaId& media, std::int64_t offset) {
  auto row = own_upload(context, platform, media);
  if (!row) co_return fail(row.error());
  if (row->ended()) co_return upload_ended();
  if (offset != row->received) co_return offset_differs(*row);
  const auto room = static_cast<std::uint64_t>(row->size - row->received);
  const auto declared = context.body().declared_length();
  if (declared && *declared > room) {
    co_return malformed("body_too_large", "Content-Length", "More than was declared.");
  }
  auto chunk = co_await receive(context, platform, media, std::min(room, kChunkBytes));
  if (!chunk) co_return fail(chunk.error());
  if (chunk->writer->size() == 0) {
    co_return malformed("chunk_empty", "Content-Length", "A chunk has at least one byte.");
  }
  if (offset == 0) {
    // What it is shows in its first bytes. A file that we would refuse is not even kept.
    if (auto sniffed = media::sniff(chunk->head); !sniffed) {
      chunk->writer.reset();
      co_return co_await refuse(context, platform, media, sniffed.error());
    }
  }
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto stored = co_await context.on_blocking_pool([&] { return chunk->writer->commit(); });
  if (!stored) co_return fail(stored.error());
  auto event = upload_event(context, media, "upload_chunk",
                            std::to_string(offset) + "/" + stored->digest.str());
  auto* body = event.mutable_upload_chunk();
  body->set_media(media.raw());
  body->set_offset(offset);
  body->set_size(static_cast<std::int64_t>(stored->size));
  body->set_blob(stored->digest.str());
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  if (auto applied = co_await await_position(platform, *position); !applied) {
    co_return fail(applied.error());
  }
  // It may have been cancelled meanwhile, or another node may have taken other bytes: the fold says
  // which chunk stands here, and where the upload does.
  row = own_upload(context, platform, media);
  if (!row) co_return fail(row.error());
  const auto stands = platform.models.uploads.chunk_at(platform.store.view(), media, offset);
  if (!stands || stands->blob != stored->digest) {
    co_return row->ended() ? upload_ended() : offset_differs(*row);
  }
  co_return Response::empty()
      .set("Upload-Offset", std::to_string(row->received))
      .set("Tus-Resumable", kTusVersion)
      .set(kPositionHeader, position->str());
}

/// Removes what came of an upload that has ended. While a chunk is coming that is the chunk's to
/// do: it looks whether the upload has ended once its turn is over.
awaitable<Status> remove_bytes(RequestContext& context, Platform& platform, const MediaId& media,
                               Receiving& others) {
  const auto turn = others.begin(media);
  if (!turn) co_return Status{};
  co_return co_await context.on_blocking_pool(
      [&] { return workers::remove_sources(platform.folder().sources(), media); });
}

awaitable<Result<Response>> append_chunk(RequestContext& context, Platform& platform,
                                         Receiving& others) {
  const auto media = context.id_param<MediaId>("media");
  if (!media) co_return fail(media.error());
  if (context.request().headers.get("Content-Type") != "application/offset+octet-stream") {
    co_return malformed("content_type_unsupported", "Content-Type",
                        "A chunk is application/offset+octet-stream.");
  }
  auto offset = header_number(context.request(), "Upload-Offset");
  if (!offset) co_return fail(offset.error());
  const auto own = own_upload(context, platform, *media);
  if (!own) co_return fail(own.error());
  if (own->ended()) co_return upload_ended();
  auto turn = others.begin(*media);
  if (!turn) {
    co_return fail(ErrorClass::retry, "upload_busy", "media",
                   "Another chunk of this upload is coming: ask where it stands.");
  }
  auto answer = co_await take_chunk(context, platform, *media, *offset);
  turn.reset();
  const auto row = own_upload(context, platform, *media);
  if (row && row->ended()) {
    auto removed = co_await remove_bytes(context, platform, *media, others);
    if (!removed) co_return fail(removed.error());
  }
  co_return answer;
}

awaitable<Result<Response>> cancel_upload(RequestContext& context, Platform& platform,
                                          Receiving& others) {
  const auto media = context.id_param<MediaId>("media");
  if (!media) co_return fail(media.error());
  auto row = own_upload(context, platform, *media);
  if (!row) co_return fail(row.error());
  if (row->end == pb::UPLOAD_END_CANCELLED) {  // perhaps by a request that did not come to this
    static_cast<void>(co_await remove_bytes(context, platform, *media, others));
  }
  if (row->ended() || row->complete()) co_return upload_ended();
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = upload_event(context, *media, "upload_cancelled", "");
  event.mutable_upload_ended()->set_media(media->raw());
  event.mutable_upload_ended()->set_end(pb::UPLOAD_END_CANCELLED);
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  if (auto applied = co_await await_position(platform, *position); !applied) {
    co_return fail(applied.error());
  }
  // The last chunk may have come first: then the fold took it, and the bytes are media by now.
  row = own_upload(context, platform, *media);
  if (!row) co_return fail(row.error());
  if (row->end != pb::UPLOAD_END_CANCELLED) co_return upload_ended();
  if (auto removed = co_await remove_bytes(context, platform, *media, others); !removed) {
    co_return fail(removed.error());
  }
  co_return Response::empty()
      .set("Tus-Resumable", kTusVersion)
      .set(kPositionHeader, position->str());
}

}  // namespace

void add_upload_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  auto receiving = std::make_shared<Receiving>();
  add_route(router, platform,
            {post, "/v1/uploads", http::Access::creator, http::Body::none,
             "Begin an upload (tus 1.0): Upload-Length, perhaps a file name in Upload-Metadata"},
            [&platform](RequestContext& context) { return start_upload(context, platform); });
  add_route(router, platform,
            {get, "/v1/uploads/{media}", http::Access::account, http::Body::none,
             "How far an upload and its processing are"},
            [&platform](RequestContext& context) { return show_upload(context, platform); });
  add_route(router, platform,
            http::Route(patch, "/v1/uploads/{media}", http::Access::account, http::Body::streamed,
                        "The next bytes of an upload, at Upload-Offset")
                .limit_body(kChunkBytes),
            [&platform, receiving](RequestContext& context) {
              return append_chunk(context, platform, *receiving);
            });
  add_route(router, platform,
            {delete_, "/v1/uploads/{media}", http::Access::account, http::Body::none,
             "Cancel an upload and remove its bytes"},
            [&platform, receiving](RequestContext& context) {
              return cancel_upload(context, platform, *receiving);
            });
}

}  // namespace fl::api
