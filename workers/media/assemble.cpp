#include "workers/media/assemble.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "core/blobs/storage.hpp"
#include "workers/media/sniff.hpp"

namespace fl::media {
namespace {

constexpr std::size_t kCopyBytes = 1 << 20;

Failure too_large(const MediaLimits& limits) {
  return fail(ErrorClass::malformed, "media_too_large", "file",
              fmt::format("Files of at most {} bytes are accepted.", limits.max_bytes));
}

Result<std::uint64_t> total_size(const blobs::BlobStore& store, const std::vector<Digest>& chunks,
                                 const MediaLimits& limits) {
  if (chunks.size() > limits.max_chunks) return too_large(limits);
  std::uint64_t total = 0;
  for (const auto& chunk : chunks) {
    auto size = store.size(chunk);
    if (!size) return fail(size.error());
    if (*size > limits.max_bytes - total) return too_large(limits);
    total += *size;
  }
  return total;
}

/// The first bytes, over as many chunks as they need.
Result<std::string> head_of(const blobs::BlobStore& store, const std::vector<Digest>& chunks) {
  std::string head;
  for (const auto& chunk : chunks) {
    if (head.size() >= kSniffBytes) break;
    auto blob = store.open_blob(chunk);
    if (!blob) return fail(blob.error());
    auto bytes = blob->read(0, kSniffBytes - head.size());
    if (!bytes) return fail(bytes.error());
    head += *bytes;
  }
  return head;
}

constexpr int kNowhere = -1;

/// Reads a chunk to its end, checks it, and writes it to `to` unless that is kNowhere.
Status append(const blobs::BlobStore& store, const Digest& chunk, int to, Sha256& whole,
              const std::stop_token& stop) {
  auto blob = store.open_blob(chunk);
  if (!blob) return fail(blob.error());
  Sha256 own;
  for (std::uint64_t at = 0; at < blob->size();) {
    if (stop.stop_requested()) {
      return fail(ErrorClass::retry, "media_cancelled", "", "The work was cancelled.");
    }
    auto bytes = blob->read(at, kCopyBytes);
    if (!bytes) return fail(bytes.error());
    if (bytes->empty()) break;
    own.update(*bytes);
    whole.update(*bytes);
    if (to != kNowhere) {
      if (auto status = blobs::write_all(to, *bytes); !status) return status;
    }
    at += bytes->size();
  }
  if (own.finish() != chunk) {
    return fail(ErrorClass::unavailable, "blob_damaged", "", "A chunk is not what its name says.");
  }
  return {};
}

}  // namespace

Result<Assembled> assemble(const blobs::BlobStore& store, const std::vector<Digest>& chunks,
                           const WorkFolder& folder, const MediaLimits& limits,
                           std::stop_token stop) {
  auto total = total_size(store, chunks, limits);
  if (!total) return fail(total.error());
  auto head = head_of(store, chunks);
  if (!head) return fail(head.error());
  auto sniffed = sniff(*head);
  if (!sniffed) return fail(sniffed.error());
  Sha256 whole;
  if (chunks.size() == 1) {
    auto status = append(store, chunks.front(), kNowhere, whole, stop);
    if (!status) return fail(status.error());
    return Assembled{{store.path(chunks.front()), *sniffed}, {chunks.front(), *total}};
  }
  const std::string path = folder / "source";
  const blobs::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return blobs::storage_error("making a file", errno);
  for (const auto& chunk : chunks) {
    if (auto status = append(store, chunk, file.get(), whole, stop); !status) {
      return fail(status.error());
    }
  }
  return Assembled{{path, *sniffed}, {whole.finish(), *total}};
}

}  // namespace fl::media
