#pragma once

#include <string>

#include "core/blobs/blob_store.hpp"
#include "workers/media/media_manifest.hpp"

namespace fl::test {

struct Played {
  bool clean = false;  ///< ffmpeg read everything without a word
  std::string said;
  long frames = 0;     ///< pictures decoded
  double seconds = 0;  ///< of what was decoded
};

/// Writes the playlists and every segment of a manifest as files, and lets ffmpeg (in the jail)
/// play one rendition from the master playlist, with the sound when there is any.
Played play(const blobs::BlobStore& store, const media::MediaManifest& manifest,
            std::size_t rendition);

}  // namespace fl::test
