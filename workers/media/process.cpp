#include "workers/media/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "workers/media/assemble.hpp"
#include "workers/media/fmp4.hpp"
#include "workers/media/manifest.hpp"
#include "workers/media/manifest_check.hpp"
#include "workers/media/probe.hpp"
#include "workers/media/stills.hpp"
#include "workers/media/work_folder.hpp"

namespace fl::media {
namespace {

/// One upload on its way through. The steps are methods in their order.
class Work {
 public:
  Work(const blobs::BlobStore& store, const blobs::BlobStore& sources, const Jail& jail,
       const MediaLimits& limits, const Progress& progress, std::stop_token stop)
      : store_(store),
        sources_(sources),
        jail_(jail),
        limits_(limits),
        progress_(progress),
        stop_(std::move(stop)) {}

  Result<Processed> run(const std::vector<Digest>& chunks, const std::string& work_root) {
    auto folder = WorkFolder::make(work_root);
    if (!folder) return fail(folder.error());
    auto out = folder->make_folder("out");
    if (!out) return fail(out.error());
    out_ = *out;
    auto assembled = assemble(sources_, chunks, *folder, limits_, stop_);
    if (!assembled) return fail(assembled.error());
    source_ = assembled->source;
    tell(5);
    auto probed = probe(jail_, source_, limits_, stop_);
    if (!probed) return fail(probed.error());
    probed_ = *probed;
    tell(8);
    manifest_.source = assembled->whole;
    manifest_.info = probed_.info;
    const auto derived = probed_.info.kind == MediaKind::video ? derive_video() : derive_photo();
    if (!derived) return fail(derived.error());
    return store_manifest();
  }

 private:
  void tell(int percent) {
    if (progress_ && percent > told_) progress_(told_ = percent);
  }

  Status derive_video() {
    const auto plan = plan_video(probed_.info);
    const auto share = [this](int percent) { tell(8 + percent * 84 / 100); };
    if (auto status = transcode(jail_, source_, probed_, plan, limits_, out_, share, stop_);
        !status) {
      return status;
    }
    tell(92);
    std::vector<PackIndex> packs;
    for (const auto& rung : plan.rungs) {
      auto pack = index_pack(out_ + "/" + rendition_file(rung));
      if (!pack) return fail(pack.error());
      packs.push_back(std::move(*pack));
    }
    if (auto status = check_length(packs.front()); !status) return status;
    std::optional<PackIndex> audio;
    if (plan.audio) {
      auto pack = index_pack(out_ + "/" + kAudioFile);
      if (!pack) return fail(pack.error());
      audio = std::move(*pack);
    }
    auto poster = make_poster(jail_, source_, probed_, plan, limits_, out_, stop_);
    if (!poster) return fail(poster.error());
    tell(95);
    return store_video(plan, packs, audio, *poster);
  }

  /// A file that was cut decodes without complaint up to where it ends.
  Status check_length(const PackIndex& pack) const {
    const bool exact = probed_.video_duration_ms > 0;
    const auto stated = exact ? probed_.video_duration_ms : probed_.info.duration_ms;
    const auto slack = exact ? 500 + stated / 100 : 1000 + stated / 20;
    if (pack.duration_us() / 1000 + slack >= stated) return {};
    return fail(ErrorClass::malformed, "media_truncated", "file",
                fmt::format("The file says {} ms, and its pictures end after {} ms.", stated,
                            pack.duration_us() / 1000));
  }

  Status store_video(const VideoPlan& plan, const std::vector<PackIndex>& packs,
                     const std::optional<PackIndex>& audio, const StillFile& poster) {
    for (std::size_t i = 0; i < plan.rungs.size(); ++i) {
      const auto& rung = plan.rungs[i];
      auto track = store_track(rung.name, rendition_file(rung), packs[i]);
      if (!track) return fail(track.error());
      manifest_.renditions.push_back({std::move(*track), rung.width, rung.height, plan.rate});
    }
    if (audio) {
      auto track = store_track("audio", kAudioFile, *audio);
      if (!track) return fail(track.error());
      manifest_.audio = std::move(*track);
    }
    auto still = store_still(poster);
    if (!still) return fail(still.error());
    manifest_.poster = std::move(*still);
    if (plan.preview_frames > 0) {
      auto blob = store_.put_file(out_ + "/" + kPreviewFile);
      if (!blob) return fail(blob.error());
      manifest_.preview =
          PreviewClip{*blob, plan.preview_us() / 1000, plan.preview.width, plan.preview.height};
    }
    return {};
  }

  Status derive_photo() {
    auto stills = make_photo_sizes(jail_, source_, probed_, limits_, out_, stop_);
    if (!stills) return fail(stills.error());
    tell(95);
    for (const auto& file : *stills) {
      auto still = store_still(file);
      if (!still) return fail(still.error());
      manifest_.photos.push_back(std::move(*still));
    }
    return {};
  }

  Result<Track> store_track(const std::string& name, const std::string& file,
                            const PackIndex& pack) const {
    auto blob = store_.put_file(out_ + "/" + file);
    if (!blob) return fail(blob.error());
    const auto measured = measure_bandwidth(pack.segments);
    return Track{name,  pack.codecs, measured.peak, measured.average,
                 *blob, pack.init,   pack.segments};
  }

  Result<Still> store_still(const StillFile& still) const {
    auto blob = store_.put_file(out_ + "/" + still.file);
    if (!blob) return fail(blob.error());
    return Still{still.name, *blob, still.width, still.height};
  }

  Result<Processed> store_manifest() {
    if (auto status = check_manifest(manifest_); !status) {
      return fail(ErrorClass::unavailable, "media_derivation_failed", status.error().field,
                  status.error().message);
    }
    auto stored = store_.put(encode_manifest(manifest_));
    if (!stored) return fail(stored.error());
    tell(100);
    return Processed{std::move(manifest_), *stored};
  }

  const blobs::BlobStore& store_;
  const blobs::BlobStore& sources_;
  const Jail& jail_;
  const MediaLimits& limits_;
  const Progress& progress_;
  std::stop_token stop_;
  std::string out_;
  Source source_;
  Probed probed_;
  MediaManifest manifest_;
  int told_ = -1;
};

}  // namespace

Result<Processed> process(const blobs::BlobStore& store, const blobs::BlobStore& sources,
                          const Jail& jail, const std::vector<Digest>& chunks,
                          const std::string& work_root, const MediaLimits& limits,
                          const Progress& progress, std::stop_token stop) {
  return Work(store, sources, jail, limits, progress, std::move(stop)).run(chunks, work_root);
}

}  // namespace fl::media
