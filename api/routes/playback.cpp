#include "api/manifest_cache.hpp"
#include "api/play_token.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/base/encoding.hpp"
#include "workers/media/playlist.hpp"

namespace fl::api {
namespace {

using media::MediaManifest;

constexpr Duration kPlayTime = minutes(4 * 60);
constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";
constexpr const char* kForAnybody = "public, max-age=86400, immutable";

Failure nothing_here() {
  return fail(ErrorClass::not_found, "media_unknown", "", "There is nothing at this address.");
}

Result<ManifestCache::Entry> manifest_of(Platform& platform, ManifestCache& cache,
                                         const projections::View& view,
                                         const projections::PostRow& post) {
  const auto row = platform.models.catalogue.media(view, post.media);
  if (!row) return nothing_here();
  return cache.get(row->manifest);
}

Response blob(Platform& platform, const media::BlobRef& ref, const char* type) {
  return Response::file(platform.blobs.path(ref.digest), 0, ref.size, type,
                        to_hex(ref.digest.view()));
}

awaitable<Result<Response>> start_playback(RequestContext& context, Platform& platform,
                                           ManifestCache& cache) {
  const auto view = platform.store.view();
  auto post = post_of(context, platform, view);
  if (!post) co_return fail(post.error());
  const auto viewer = context.identity().account;
  if (auto right = check_work(platform, view, viewer, *post, platform.clock.now()); !right) {
    co_return fail(right.error());
  }
  auto manifest =
      co_await context.on_blocking_pool([&] { return manifest_of(platform, cache, view, *post); });
  if (!manifest) co_return fail(manifest.error());
  const auto expires = platform.clock.now() + kPlayTime;
  const auto base =
      "/v1/play/" +
      PlayToken{post->id, post->premium ? viewer.value_or(AccountId{}) : AccountId{}, expires}.sign(
          platform.keyring);
  nlohmann::json out = {{"expires", to_rfc3339(expires)}};
  if ((*manifest)->info.kind == media::MediaKind::video) {
    out["playlist"] = base + "/master.m3u8";
  } else {
    for (const auto& still : (*manifest)->photos) {
      if (still.name != "teaser") out["photos"][still.name] = base + "/" + still.name + ".jpg";
    }
  }
  co_return Response::json(out);
}

struct Playing {
  projections::PostRow post;
  ManifestCache::Entry manifest;
};

/// Who may be at an address below /v1/play: the viewer that the token names, while the right lasts.
awaitable<Result<Playing>> open_address(RequestContext& context, Platform& platform,
                                        ManifestCache& cache) {
  const auto token = PlayToken::verify(platform.keyring, context.param("token"));
  if (!token) co_return nothing_here();
  if (token->expires < platform.clock.now()) {
    co_return fail(ErrorClass::refused, "address_expired", "", "Ask for playback again.");
  }
  const auto viewer = context.identity().account;
  if (!token->viewer.is_zero() && viewer != token->viewer) {
    if (!viewer) {
      co_return fail(ErrorClass::unauthorized, "login_required", "Authorization",
                     "Log in: this address is yours alone.");
    }
    co_return fail(ErrorClass::refused, "not_the_viewer", "", "This address is somebody else's.");
  }
  // Asked at every address: a right that ended stops the next segment.
  const auto view = platform.store.view();
  const auto post = platform.models.catalogue.post(view, token->post);
  if (!post) co_return nothing_here();
  if (auto right = check_work(platform, view, viewer, *post, platform.clock.now()); !right) {
    co_return fail(right.error());
  }
  auto manifest =
      co_await context.on_blocking_pool([&] { return manifest_of(platform, cache, view, *post); });
  if (!manifest) co_return fail(manifest.error());
  co_return Playing{*post, *manifest};
}

awaitable<Result<Response>> top_file(RequestContext& context, Platform& platform,
                                     ManifestCache& cache) {
  auto playing = co_await open_address(context, platform, cache);
  if (!playing) co_return fail(playing.error());
  const auto& manifest = *playing->manifest;
  const auto file = context.param("file");
  if (file == "master.m3u8" && manifest.info.kind == media::MediaKind::video) {
    co_return Response::bytes(
        media::master_playlist(
            manifest, [](const media::Track& track) { return track.name + "/index.m3u8"; }),
        kPlaylistType);
  }
  for (const auto& still : manifest.photos) {
    if (file == still.name + ".jpg") co_return blob(platform, still.blob, "image/jpeg");
  }
  co_return nothing_here();
}

awaitable<Result<Response>> track_file(RequestContext& context, Platform& platform,
                                       ManifestCache& cache) {
  auto playing = co_await open_address(context, platform, cache);
  if (!playing) co_return fail(playing.error());
  const auto* track = media::find_track(*playing->manifest, std::string(context.param("track")));
  if (track == nullptr) co_return nothing_here();
  const std::string file(context.param("file"));
  if (file == "index.m3u8") {
    co_return Response::bytes(
        media::media_playlist(*track, [](const media::SegmentName& name) { return name.file(); }),
        kPlaylistType);
  }
  const auto range = media::find_segment(*track, file);
  if (!range) co_return nothing_here();
  co_return Response::file(platform.blobs.path(track->pack.digest), range->offset, range->size,
                           file == "init.mp4" ? "video/mp4" : "video/iso.segment",
                           to_hex(track->pack.digest.view()).substr(0, 32) + "-" + file);
}

enum class PublicFile { poster, preview };

/// What everybody may see of a post: a picture and a clip of its open part.
awaitable<Result<Response>> public_file(RequestContext& context, Platform& platform,
                                        ManifestCache& cache, PublicFile which) {
  const auto view = platform.store.view();
  auto post = post_of(context, platform, view);
  if (!post) co_return fail(post.error());
  auto found =
      co_await context.on_blocking_pool([&] { return manifest_of(platform, cache, view, *post); });
  if (!found) co_return fail(found.error());
  const MediaManifest& manifest = **found;
  if (which == PublicFile::preview) {
    if (!manifest.preview) co_return nothing_here();
    co_return blob(platform, manifest.preview->blob, "video/mp4").cache_control(kForAnybody);
  }
  if (manifest.poster) {
    co_return blob(platform, manifest.poster->blob, "image/jpeg").cache_control(kForAnybody);
  }
  // Of a photo that is sold everybody sees the teaser alone, which holds 24 pixels of it.
  const std::string wanted = post->premium ? "teaser" : "small";
  for (const auto& still : manifest.photos) {
    if (still.name == wanted) {
      co_return blob(platform, still.blob, "image/jpeg").cache_control(kForAnybody);
    }
  }
  co_return nothing_here();
}

}  // namespace

void add_playback_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  auto cache = std::make_shared<ManifestCache>(platform.blobs);
  add_route(router, platform,
            {post, "/v1/posts/{post}/playback", http::Access::optional_account, http::Body::none,
             "The addresses of a work that one may see; or why one may not"},
            [&platform, cache](RequestContext& context) {
              return start_playback(context, platform, *cache);
            });
  add_route(router, platform,
            {get, "/v1/posts/{post}/poster.jpg", http::Access::optional_account, http::Body::none,
             "A picture of the open part of a work"},
            [&platform, cache](RequestContext& context) {
              return public_file(context, platform, *cache, PublicFile::poster);
            });
  add_route(router, platform,
            {get, "/v1/posts/{post}/preview.mp4", http::Access::optional_account, http::Body::none,
             "The preview of a video, for everybody"},
            [&platform, cache](RequestContext& context) {
              return public_file(context, platform, *cache, PublicFile::preview);
            });
  add_route(
      router, platform,
      {get, "/v1/play/{token}/{file}", http::Access::optional_account, http::Body::none,
       "The master playlist of a video, or a photo"},
      [&platform, cache](RequestContext& context) { return top_file(context, platform, *cache); });
  add_route(router, platform,
            {get, "/v1/play/{token}/{track}/{file}", http::Access::optional_account,
             http::Body::none, "A playlist or segment of one rendition"},
            [&platform, cache](RequestContext& context) {
              return track_file(context, platform, *cache);
            });
}

}  // namespace fl::api
