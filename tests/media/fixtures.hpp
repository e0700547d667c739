#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/blobs/blob_store.hpp"
#include "tests/support/temporary_directory.hpp"
#include "workers/media/process.hpp"

namespace fl::test {

/// Media made by ffmpeg's test sources, in the jail too. `arguments` stand between ffmpeg's own and
/// the output file; "-f" must name the format. What is given as `input` stands at
/// /in/source. Returns the bytes.
std::string make_media(const std::vector<std::string>& arguments, const std::string& input = {});

/// testsrc2 and a sine, H.264 and AAC in MP4.
std::string make_mp4(int width, int height, const std::string& seconds, bool sound = true,
                     const std::vector<std::string>& more = {});

/// A JPEG of a moving test picture, 400 × 300, with Exif: orientation 6 (to be turned by 90°) and a
/// GPS position.
std::string make_jpeg_with_gps();

/// A grey PNG of one shade, a few bytes a thousand rows: sides as wanted.
std::string make_png(std::uint32_t width, std::uint32_t height);

/// A store, a work folder, and a way through them.
struct Workshop {
  TemporaryDirectory folder;
  blobs::BlobStore store;
  std::string work;
  std::vector<int> progress;

  Workshop();
  Result<media::Processed> process(std::string_view bytes, std::size_t chunks = 1,
                                   const media::MediaLimits& limits = {});
  /// Blobs besides those put by `process` as chunks.
  std::size_t derived_blobs() const;
  bool is_work_empty() const;

 private:
  std::size_t chunks_ = 0;
};

/// What ffprobe says of a derived file, in the jail: the value of each entry, "key=value" lines.
std::string ffprobe(const std::string& path, const std::string& entries,
                    const std::vector<std::string>& more = {});

}  // namespace fl::test
