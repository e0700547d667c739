#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/blobs/file_descriptor.hpp"

namespace fl::blobs {

struct StoredBlob {
  Digest digest;
  std::uint64_t size = 0;
  bool operator==(const StoredBlob&) const = default;
};

/// One blob on its way in, hashed while it is received. Made by BlobStore::writer. Not thread-safe.
/// Until `commit` succeeds nothing is visible in the store; without it the destructor leaves no
/// file. After an error the writer is of no further use: every call gives that error again.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&& other) noexcept;
  BlobWriter& operator=(BlobWriter&& other) noexcept;
  ~BlobWriter();

  /// Errors: malformed `blob_too_large`; unavailable `storage_full`, `storage_failed`.
  Status write(std::string_view bytes);

  std::uint64_t size() const { return size_; }

  /// Makes the blob durable and visible, once. Of equal blobs the store keeps one.
  Result<StoredBlob> commit();

 private:
  friend class BlobStore;
  BlobWriter(std::string root, std::string temporary, FileDescriptor file, std::uint64_t max_bytes);
  Status spoil(Error error);
  Status publish(const Digest& digest);
  void discard();

  std::string root_;
  std::string temporary_;  ///< empty when there is no temporary file (any more)
  FileDescriptor file_;
  std::uint64_t max_bytes_ = 0;
  std::uint64_t size_ = 0;
  Sha256 hash_;
  Error error_;
};

}  // namespace fl::blobs
