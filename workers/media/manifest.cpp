#include "workers/media/manifest.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "workers/media/manifest_check.hpp"

namespace fl::media {
namespace {

// Keys are sorted (std::map underneath), and dump() puts no space: the encoding is canonical.
using Json = nlohmann::json;

Json to_json(const Ratio& ratio) {
  return Json::array({ratio.num, ratio.den});
}
Json to_json(const BlobRef& blob) {
  return {{"digest", to_hex(blob.digest.view())}, {"size", blob.size}};
}
Json to_json(const Track& track) {
  Json segments = Json::array();
  for (const auto& s : track.segments) {
    segments.push_back(Json::array({s.offset, s.size, s.duration_us, to_hex(s.digest.view())}));
  }
  return {{"name", track.name},
          {"codecs", track.codecs},
          {"bandwidth", track.bandwidth},
          {"average_bandwidth", track.average_bandwidth},
          {"pack", to_json(track.pack)},
          {"init", {{"offset", track.init.offset}, {"size", track.init.size}}},
          {"segments", std::move(segments)}};
}
Json to_json(const Rendition& rendition) {
  Json json = to_json(rendition.track);
  json["width"] = rendition.width;
  json["height"] = rendition.height;
  json["frame_rate"] = to_json(rendition.frame_rate);
  return json;
}
Json to_json(const Still& still) {
  return {{"name", still.name},
          {"blob", to_json(still.blob)},
          {"width", still.width},
          {"height", still.height}};
}
Json to_json(const PreviewClip& clip) {
  return {{"blob", to_json(clip.blob)},
          {"duration_ms", clip.duration_ms},
          {"width", clip.width},
          {"height", clip.height}};
}
Json to_json(const MediaInfo& info) {
  return {{"kind", to_string(info.kind)},
          {"width", info.width},
          {"height", info.height},
          {"duration_ms", info.duration_ms},
          {"frame_rate", to_json(info.frame_rate)},
          {"has_audio", info.has_audio},
          {"video_codec", info.video_codec},
          {"audio_codec", info.audio_codec}};
}
template <class T>
Json to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : Json();
}
template <class T>
Json to_json(const std::vector<T>& list) {
  Json json = Json::array();
  for (const auto& item : list) json.push_back(to_json(item));
  return json;
}

/// Reads members one by one; the first that is missing or wrong is remembered, and what follows
/// yields nothing.
class Reader {
 public:
  std::string wrong;  ///< the member at fault; empty when none

  const Json& at(const Json& object, const char* name) {
    static const Json none;
    if (object.is_object()) {
      if (const auto found = object.find(name); found != object.end()) return *found;
    }
    return blame(name), none;
  }
  template <class T>
  T number(const Json& value, const char* name) {
    if (value.is_number_unsigned() &&
        value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      return value.get<T>();
    }
    return blame(name), T{};
  }
  template <class T>
  T number_at(const Json& object, const char* name) {
    return number<T>(at(object, name), name);
  }
  std::string text_at(const Json& object, const char* name) {
    const auto& value = at(object, name);
    if (value.is_string()) return value.get<std::string>();
    return blame(name), std::string();
  }
  Digest digest(const Json& value, const char* name) {
    const auto raw = value.is_string() ? from_hex(value.get<std::string>()) : std::nullopt;
    if (raw && raw->size() == 32) return Digest::from(*raw);
    return blame(name), Digest{};
  }
  const Json& list_at(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto& value = at(object, name);
    if (value.is_array()) return value;
    return blame(name), none;
  }
  void blame(const char* name) {
    if (wrong.empty()) wrong = name;
  }

  Ratio ratio_at(const Json& object, const char* name) {
    const auto& value = list_at(object, name);
    if (value.size() != 2) return blame(name), Ratio{};
    return {number<std::uint32_t>(value[0], name), number<std::uint32_t>(value[1], name)};
  }
  BlobRef blob_at(const Json& object, const char* name) {
    const auto& value = at(object, name);
    return {digest(at(value, "digest"), name), number_at<std::uint64_t>(value, "size")};
  }
  Track track(const Json& value) {
    Track read;
    read.name = text_at(value, "name");
    read.codecs = text_at(value, "codecs");
    read.bandwidth = number_at<std::uint64_t>(value, "bandwidth");
    read.average_bandwidth = number_at<std::uint64_t>(value, "average_bandwidth");
    read.pack = blob_at(value, "pack");
    const auto& init = at(value, "init");
    read.init = {number_at<std::uint64_t>(init, "offset"), number_at<std::uint64_t>(init, "size")};
    for (const auto& row : list_at(value, "segments")) {
      if (!row.is_array() || row.size() != 4) return blame("segments"), read;
      read.segments.push_back(
          {number<std::uint64_t>(row[0], "segments"), number<std::uint64_t>(row[1], "segments"),
           number<std::int64_t>(row[2], "segments"), digest(row[3], "segments")});
    }
    return read;
  }
  Rendition rendition(const Json& value) {
    return {track(value), number_at<std::uint32_t>(value, "width"),
            number_at<std::uint32_t>(value, "height"), ratio_at(value, "frame_rate")};
  }
  Still still(const Json& value) {
    return {text_at(value, "name"), blob_at(value, "blob"),
            number_at<std::uint32_t>(value, "width"), number_at<std::uint32_t>(value, "height")};
  }
  PreviewClip preview(const Json& value) {
    return {blob_at(value, "blob"), number_at<std::int64_t>(value, "duration_ms"),
            number_at<std::uint32_t>(value, "width"), number_at<std::uint32_t>(value, "height")};
  }
  MediaInfo info(const Json& value) {
    MediaInfo read;
    const auto kind = text_at(value, "kind");
    if (kind != "photo" && kind != "video") blame("kind");
    read.kind = kind == "video" ? MediaKind::video : MediaKind::photo;
    read.width = number_at<std::uint32_t>(value, "width");
    read.height = number_at<std::uint32_t>(value, "height");
    read.duration_ms = number_at<std::int64_t>(value, "duration_ms");
    read.frame_rate = ratio_at(value, "frame_rate");
    const auto& audio = at(value, "has_audio");
    if (!audio.is_boolean()) blame("has_audio");
    read.has_audio = audio == true;
    read.video_codec = text_at(value, "video_codec");
    read.audio_codec = text_at(value, "audio_codec");
    return read;
  }
};

}  // namespace

std::string encode_manifest(const MediaManifest& manifest) {
  const Json json = {
      {"version", MediaManifest::kVersion},   {"source", to_json(manifest.source)},
      {"info", to_json(manifest.info)},       {"renditions", to_json(manifest.renditions)},
      {"audio", to_json(manifest.audio)},     {"poster", to_json(manifest.poster)},
      {"preview", to_json(manifest.preview)}, {"photos", to_json(manifest.photos)}};
  return json.dump();
}

Result<MediaManifest> decode_manifest(std::string_view bytes) {
  const auto malformed = [](std::string field, std::string message) {
    return fail(ErrorClass::malformed, "manifest_malformed", std::move(field), std::move(message));
  };
  if (bytes.size() > kMaxManifestBytes) return malformed("", "The manifest is too large.");
  // Ours is six levels deep; a hostile one must not take the stack.
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= 8; };
  const Json json = Json::parse(bytes, shallow, false);
  if (!json.is_object()) return malformed("", "The manifest is not a JSON object.");
  Reader reader;
  if (reader.number_at<std::uint32_t>(json, "version") != MediaManifest::kVersion) {
    return fail(ErrorClass::malformed, "manifest_version_unknown", "version",
                "This version of manifests is not known.");
  }
  MediaManifest manifest;
  manifest.source = reader.blob_at(json, "source");
  manifest.info = reader.info(reader.at(json, "info"));
  for (const auto& row : reader.list_at(json, "renditions")) {
    manifest.renditions.push_back(reader.rendition(row));
  }
  if (const auto& audio = reader.at(json, "audio"); !audio.is_null()) {
    manifest.audio = reader.track(audio);
  }
  if (const auto& poster = reader.at(json, "poster"); !poster.is_null()) {
    manifest.poster = reader.still(poster);
  }
  if (const auto& preview = reader.at(json, "preview"); !preview.is_null()) {
    manifest.preview = reader.preview(preview);
  }
  for (const auto& row : reader.list_at(json, "photos")) {
    manifest.photos.push_back(reader.still(row));
  }
  if (!reader.wrong.empty()) return malformed(reader.wrong, "A member is missing or wrong.");
  if (auto status = check_manifest(manifest); !status) return fail(status.error());
  if (encode_manifest(manifest) != bytes) return malformed("", "The manifest is not canonical.");
  return manifest;
}

std::vector<Digest> forget(const MediaManifest& manifest) {
  std::vector<Digest> blobs;
  for (const auto& rendition : manifest.renditions) blobs.push_back(rendition.track.pack.digest);
  if (manifest.audio) blobs.push_back(manifest.audio->pack.digest);
  if (manifest.poster) blobs.push_back(manifest.poster->blob.digest);
  if (manifest.preview) blobs.push_back(manifest.preview->blob.digest);
  for (const auto& still : manifest.photos) blobs.push_back(still.blob.digest);
  std::sort(blobs.begin(), blobs.end());
  blobs.erase(std::unique(blobs.begin(), blobs.end()), blobs.end());
  return blobs;
}

std::int64_t target_duration(const std::vector<Segment>& segments) {
  std::int64_t longest = 0;
  for (const auto& segment : segments) longest = std::max(longest, segment.duration_us);
  return std::max<std::int64_t>((longest + 500'000) / 1'000'000, 1);
}

Bandwidth measure_bandwidth(const std::vector<Segment>& segments) {
  const auto rate = [](std::uint64_t bytes, std::int64_t us) {
    // Rounded up: a player that trusts it must not run dry.
    const auto time = static_cast<std::uint64_t>(us);
    return time == 0 ? 0 : (bytes * 8 * 1'000'000 + time - 1) / time;
  };
  const auto target_us = target_duration(segments) * 1'000'000;
  Bandwidth measured;
  std::uint64_t bytes = 0;
  std::int64_t us = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    bytes += segments[i].size;
    us += segments[i].duration_us;
    std::uint64_t run_bytes = 0;
    std::int64_t run_us = 0;
    for (std::size_t j = i; j < segments.size(); ++j) {
      run_bytes += segments[j].size;
      run_us += segments[j].duration_us;
      if (run_us * 2 > target_us * 3) break;
      if (run_us * 2 >= target_us) measured.peak = std::max(measured.peak, rate(run_bytes, run_us));
    }
  }
  measured.average = rate(bytes, us);
  measured.peak = std::max(measured.peak, measured.average);
  return measured;
}

}  // namespace fl::media
