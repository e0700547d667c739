#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/blobs/blob_store.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/media/media_manifest.hpp"
#include "workers/media/transcode.hpp"

namespace fl::media {

struct Processed {
  MediaManifest manifest;
  BlobRef stored;  ///< the manifest's own blob: what the ledger commits to
};

/// Makes everything that is shown of an upload: its chunks become one file in a private folder
/// below `work_root` (removed whatever happens), which is sniffed, probed and converted inside the
/// jail; the results become blobs of `store`, and last the manifest. The chunks lie in `sources`.
///
/// Blocks for as long as it takes; thread-safe. Nothing is stored of what is refused. When storing
/// fails midway, blobs may stay that no manifest names: the next attempt makes the same bytes and
/// finds them. Errors: those of sniff, probe, transcode; malformed `media_too_large`,
/// `media_truncated` (the pictures end well before the stated end); not_found `blob_missing`;
/// unavailable of storage and jail; retry `media_not_in_time`, `media_cancelled`.
Result<Processed> process(const blobs::BlobStore& store, const blobs::BlobStore& sources,
                          const Jail& jail, const std::vector<Digest>& chunks,
                          const std::string& work_root, const MediaLimits& limits,
                          const Progress& progress = {}, std::stop_token stop = {});

}  // namespace fl::media
