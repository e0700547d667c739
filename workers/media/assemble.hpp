#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/blobs/blob_store.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/media/media_manifest.hpp"
#include "workers/media/source.hpp"
#include "workers/media/work_folder.hpp"

namespace fl::media {

struct Assembled {
  Source source;
  BlobRef whole;  ///< digest and size of all bytes
};

/// Sniffs the start and, if that is welcome, joins the chunks to one file in the folder; a single
/// chunk is used where it stands.
Result<Assembled> assemble(const blobs::BlobStore& store, const std::vector<Digest>& chunks,
                           const WorkFolder& folder, const MediaLimits& limits,
                           std::stop_token stop);

}  // namespace fl::media
