#include "workers/media_job.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <thread>

#include "workers/media/process.hpp"
#include "workers/media/source.hpp"

namespace fl::workers {
namespace {

constexpr auto kPauseWhenFull = std::chrono::seconds(1);

/// Tells the ledger what came of the upload: rights will depend on it.
Status register_media(Services& services, const pb::ProcessMedia& work,
                      const media::Processed& processed) {
  pb::LedgerEvent draft;
  auto* origin = draft.mutable_origin();
  origin->set_caller_kind(pb::CALLER_KIND_SYSTEM);
  origin->set_command_id("media/" + MediaId::from_raw(work.media()).str());
  origin->set_command_mac(
      hmac_sha256(services.keyring.command().view(), {"register_media", work.media()}).str());
  auto* body = draft.mutable_media_registered();
  body->set_media(work.media());
  body->set_owner(work.owner());
  body->set_kind(processed.manifest.info.kind == media::MediaKind::video ? pb::MEDIA_KIND_VIDEO
                                                                         : pb::MEDIA_KIND_PHOTO);
  body->set_manifest(processed.stored.digest.str());
  std::promise<owner::Outcome> promise;
  auto outcome = promise.get_future();
  services.gate.submit({std::move(draft)},
                       [&](owner::Outcome o) { promise.set_value(std::move(o)); });
  auto accepted = outcome.get();
  return accepted ? Status{} : Status(fail(accepted.error()));
}

/// Ends the upload as refused and removes its bytes.
Status refuse_upload(Services& services, const pb::ProcessMedia& work, const Error& why) {
  const auto media = MediaId::from_raw(work.media());
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>("upload_refused", "", media.view()).raw());
  event.set_about(work.media());
  auto* body = event.mutable_upload_ended();
  body->set_media(work.media());
  body->set_end(pb::UPLOAD_END_REFUSED);
  body->set_code(why.code);
  body->set_detail(why.message);
  if (auto recorded = record(services, std::move(event)); !recorded) {
    return fail(recorded.error());
  }
  return remove_sources(services.sources, media);
}

Error why_given_up(const std::string& detail) {
  if (detail.starts_with(media::kNotInTime)) {
    return {
        ErrorClass::unavailable, media::kNotInTime, "",
        "The server was too busy to process the file in time, each time it tried. That is not the "
        "fault of the file: please upload it again later."};
  }
  return {ErrorClass::unavailable, "processing_failed", "",
          "The file could not be processed" + (detail.empty() ? "." : ": " + detail)};
}

}  // namespace

JobResult process_media(Services& services, const pb::ProcessMedia& work, std::stop_token stop) {
  const auto media = MediaId::from_raw(work.media());
  const auto view = services.store.view();
  const auto upload = services.models.uploads.upload(view, media);
  if (!upload || upload->ended() || !upload->complete()) return {true, "nothing to process"};

  auto sources = open_sources(services.sources, media, services.ledger_id);
  if (!sources) return {false, sources.error().message};
  std::vector<Digest> chunks;
  for (const auto& chunk : services.models.uploads.chunks(view, media)) {
    chunks.push_back(chunk.blob);
  }
  const auto attempt = [&] {
    services.progress.set(media, 0);
    return media::process(
        services.blobs, *sources, services.jail, chunks, services.work.string(), {},
        [&](int percent) { services.progress.set(media, percent); }, stop);
  };
  auto processed = attempt();
  // A full disk is not the file's fault: it waits for room, and is not given up after three tries.
  while (!processed && processed.error().code == "storage_full" && !stop.stop_requested()) {
    spdlog::warn(fmt::format("upload {} waits: {}", media.str(), processed.error().message));
    std::this_thread::sleep_for(kPauseWhenFull);
    processed = attempt();
  }
  services.progress.clear(media);
  if (!processed) {
    const auto& error = processed.error();
    if (error.kind != ErrorClass::malformed && error.kind != ErrorClass::refused) {
      return {false, error.code + ": " + error.message};
    }
    spdlog::info(fmt::format("upload {} refused: {}", media.str(), error.code));
    if (auto refused = refuse_upload(services, work, error); !refused) {
      return {false, refused.error().message};
    }
    return {true, error.code};
  }
  if (auto registered = register_media(services, work, *processed); !registered) {
    return {false, registered.error().message};
  }
  return {true, "ready"};
}

Status give_up_media(Services& services, const pb::ProcessMedia& work, const std::string& detail) {
  return refuse_upload(services, work, why_given_up(detail));
}

}  // namespace fl::workers
