#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/blobs/blob_writer.hpp"
#include "core/blobs/file_descriptor.hpp"

namespace fl::blobs {

/// An open blob. It stays readable after the blob is removed. Thread-safe.
class BlobFile {
 public:
  BlobFile(FileDescriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const { return size_; }
  int fd() const { return file_.get(); }  ///< for sendfile; owned by this object

  /// Bytes from `offset` on, fewer than `size` only at the end of the blob.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;

 private:
  FileDescriptor file_;
  std::uint64_t size_;
};

/// Immutable blobs in a directory, named by their SHA-256. Several processes and nodes may share
/// one. Thread-safe. Every I/O failure is `unavailable` (`storage_full`, `storage_failed`); an
/// absent blob is not_found `blob_missing`.
class BlobStore {
 public:
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  /// Opens the store of this ledger, or makes one in an empty or absent folder (whose parent must
  /// exist). `ledger_id`: 1 to 64 bytes. Refused: `blob_store_of_other_ledger`, `not_a_blob_store`.
  static Result<BlobStore> open(std::string root, std::string_view ledger_id);

  Result<BlobWriter> writer(std::uint64_t max_bytes = kUnlimited) const;
  Result<StoredBlob> put(std::string_view bytes) const;
  /// A copy of a plain file; a symbolic link is not followed.
  Result<StoredBlob> put_file(const std::string& path, std::uint64_t max_bytes = kUnlimited) const;

  Result<BlobFile> open_blob(const Digest& digest) const;
  /// The whole blob, its digest checked. Errors: malformed `blob_too_large`; unavailable
  /// `blob_damaged`.
  Result<std::string> read(const Digest& digest, std::size_t max_bytes) const;
  Result<std::uint64_t> size(const Digest& digest) const;
  bool exists(const Digest& digest) const;
  std::string path(const Digest& digest) const { return path_in(root_, digest); }

  /// Durably. A blob that is not there counts as removed.
  Status remove(const Digest& digest) const;

  /// Removes what crashed writers left, never the file of one that lives, on any node: each holds a
  /// lock on its file. Returns how many were removed.
  Result<std::size_t> clean_temporary() const;

  const std::string& root() const { return root_; }
  static std::string path_in(const std::string& root, const Digest& digest);

 private:
  explicit BlobStore(std::string root) : root_(std::move(root)) {}
  std::string root_;
};

}  // namespace fl::blobs
