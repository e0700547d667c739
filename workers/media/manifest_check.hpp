#pragma once

#include "core/base/error.hpp"
#include "workers/media/media_manifest.hpp"

namespace fl::media {

/// Whether a manifest's parts fit each other. Error: malformed `manifest_malformed`.
Status check_manifest(const MediaManifest& manifest);

}  // namespace fl::media
