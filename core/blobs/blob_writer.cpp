#include "core/blobs/blob_writer.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/assert.hpp"
#include "core/blobs/blob_store.hpp"
#include "core/blobs/storage.hpp"

namespace fl::blobs {

BlobWriter::BlobWriter(std::string root, std::string temporary, FileDescriptor file,
                       std::uint64_t max_bytes)
    : root_(std::move(root)),
      temporary_(std::move(temporary)),
      file_(std::move(file)),
      max_bytes_(max_bytes) {}

BlobWriter::BlobWriter(BlobWriter&& other) noexcept
    : root_(std::move(other.root_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      max_bytes_(other.max_bytes_),
      size_(other.size_),
      hash_(std::move(other.hash_)),
      error_(std::move(other.error_)) {}

BlobWriter& BlobWriter::operator=(BlobWriter&& other) noexcept {
  if (this == &other) return *this;
  discard();
  root_ = std::move(other.root_);
  temporary_ = std::exchange(other.temporary_, {});
  file_ = std::move(other.file_);
  max_bytes_ = other.max_bytes_;
  size_ = other.size_;
  hash_ = std::move(other.hash_);
  error_ = std::move(other.error_);
  return *this;
}

BlobWriter::~BlobWriter() {
  discard();
}

void BlobWriter::discard() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  file_.reset();
}

Status BlobWriter::spoil(Error error) {
  discard();
  error_ = error;
  return fail(std::move(error));
}

Status BlobWriter::write(std::string_view bytes) {
  if (!error_.code.empty()) return fail(error_);
  FL_ASSERT(file_.valid());  // not after commit
  if (bytes.size() > max_bytes_ - size_) {
    return spoil({ErrorClass::malformed, "blob_too_large", "",
                  fmt::format("It is larger than {} bytes.", max_bytes_)});
  }
  if (auto status = write_all(file_.get(), bytes); !status) return spoil(status.error());
  hash_.update(bytes);
  size_ += bytes.size();
  return {};
}

Status BlobWriter::publish(const Digest& digest) {
  if (::fchmod(file_.get(), 0440) != 0) return storage_error("setting rights", errno);
  if (::fsync(file_.get()) != 0) return storage_error("syncing a blob", errno);
  const std::string name = BlobStore::path_in(root_, digest);
  const std::string folder = name.substr(0, name.rfind('/'));
  if (::mkdir(folder.c_str(), 0750) == 0) {
    if (auto status = sync_directory(root_); !status) return status;
  } else if (errno != EEXIST) {
    return storage_error("making a folder", errno);
  }
  // A blob of this name has these very bytes, so replacing it changes nothing for its readers. It
  // is replaced all the same: the one that is there may have been damaged since it was written.
  if (::rename(temporary_.c_str(), name.c_str()) != 0) return storage_error("renaming", errno);
  temporary_.clear();
  return sync_directory(folder);
}

Result<StoredBlob> BlobWriter::commit() {
  if (!error_.code.empty()) return fail(error_);
  FL_ASSERT(file_.valid());
  const Digest digest = hash_.finish();
  if (auto status = publish(digest); !status) return fail(spoil(status.error()).error());
  file_.reset();
  return StoredBlob{digest, size_};
}

}  // namespace fl::blobs
