#include "core/blobs/blob_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "core/blobs/storage.hpp"

namespace fl::blobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = 1 << 20;
constexpr std::size_t kMaxMarkerBytes = 256;
constexpr std::string_view kMarkerHead = "fanledger-blobs 1 ";

std::string marker_path(const std::string& root) {
  return root + "/ledger";
}
std::string temporary_folder(const std::string& root) {
  return root + "/tmp";
}

struct TemporaryFile {
  std::string path;
  FileDescriptor file;
};

Result<TemporaryFile> make_temporary(const std::string& root) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    std::string random(16, '\0');
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
      return storage_error("drawing a name", errno);
    }
    TemporaryFile made{temporary_folder(root) + "/" + to_hex(random), {}};
    made.file =
        FileDescriptor(::open(made.path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.file.valid()) return storage_error("making a temporary file", errno);
    // The lock tells clean_temporary, here and on other nodes, that its writer lives. One that
    // cleaned between open and lock has taken the name away: take another.
    struct stat status {};
    if (::flock(made.file.get(), LOCK_EX | LOCK_NB) == 0 &&
        ::fstat(made.file.get(), &status) == 0 && status.st_nlink == 1) {
      return made;
    }
    ::unlink(made.path.c_str());
  }
  return storage_error("making a temporary file", EAGAIN);
}

Status write_marker(const std::string& root, const std::string& content) {
  auto made = make_temporary(root);
  if (!made) return fail(made.error());
  auto status = write_all(made->file.get(), content);
  if (status && ::fsync(made->file.get()) != 0) status = storage_error("syncing a marker", errno);
  // link, not rename: of two that open a new store at once, one makes the marker and both read it.
  if (status && ::link(made->path.c_str(), marker_path(root).c_str()) != 0 && errno != EEXIST) {
    status = storage_error("making a marker", errno);
  }
  ::unlink(made->path.c_str());
  return status ? sync_directory(root) : status;
}

/// Only what `open` itself makes may stand in a folder that is to become a store.
Result<bool> may_become_store(const std::string& root) {
  std::error_code error;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != "tmp" && it->path().filename() != "lost+found") return false;
  }
  if (error) return storage_error("listing a folder", error.value());
  return true;
}

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) {
    return storage_error("making a folder", errno);
  }
  return {};
}

}  // namespace

Result<std::string> BlobFile::read(std::uint64_t offset, std::size_t size) const {
  return read_at(file_.get(), offset, size);
}

Result<BlobStore> BlobStore::open(std::string root, std::string_view ledger_id) {
  FL_ASSERT(!ledger_id.empty() && ledger_id.size() <= 64);
  const std::string content = fmt::format("{}{}\n", kMarkerHead, to_hex(ledger_id));
  if (auto status = make_folder(root); !status) return fail(status.error());
  auto marker = open_plain_file(marker_path(root));
  if (!marker && marker.error().kind == ErrorClass::not_found) {
    auto fresh = may_become_store(root);
    if (!fresh) return fail(fresh.error());
    if (!*fresh) {
      return fail(ErrorClass::refused, "not_a_blob_store", "",
                  fmt::format("{} holds files but no marker of a blob store.", root));
    }
    if (auto status = make_folder(temporary_folder(root)); !status) return fail(status.error());
    if (auto status = write_marker(root, content); !status) return fail(status.error());
    marker = open_plain_file(marker_path(root));
  }
  if (!marker) return fail(marker.error());
  auto found = read_at(marker->get(), 0, kMaxMarkerBytes);
  if (!found) return fail(found.error());
  if (!found->starts_with(kMarkerHead)) {
    return fail(ErrorClass::refused, "not_a_blob_store", "",
                fmt::format("The marker in {} is not that of a blob store.", root));
  }
  if (*found != content) {
    return fail(ErrorClass::refused, "blob_store_of_other_ledger", "",
                fmt::format("The blob store in {} belongs to another ledger.", root));
  }
  if (auto status = make_folder(temporary_folder(root)); !status) return fail(status.error());
  return BlobStore(std::move(root));
}

std::string BlobStore::path_in(const std::string& root, const Digest& digest) {
  const std::string hex = to_hex(digest.view());
  return fmt::format("{}/{}/{}", root, hex.substr(0, 2), hex.substr(2));
}

Result<BlobWriter> BlobStore::writer(std::uint64_t max_bytes) const {
  auto made = make_temporary(root_);
  if (!made) return fail(made.error());
  return BlobWriter(root_, std::move(made->path), std::move(made->file), max_bytes);
}

Result<StoredBlob> BlobStore::put(std::string_view bytes) const {
  auto blob = writer();
  if (!blob) return fail(blob.error());
  if (auto status = blob->write(bytes); !status) return fail(status.error());
  return blob->commit();
}

Result<StoredBlob> BlobStore::put_file(const std::string& path, std::uint64_t max_bytes) const {
  auto file = open_plain_file(path);
  if (!file) return fail(file.error());
  auto blob = writer(max_bytes);
  if (!blob) return fail(blob.error());
  for (;;) {
    auto bytes = read_at(file->get(), blob->size(), kCopyBytes);
    if (!bytes) return fail(bytes.error());
    if (bytes->empty()) return blob->commit();
    if (auto status = blob->write(*bytes); !status) return fail(status.error());
  }
}

Result<BlobFile> BlobStore::open_blob(const Digest& digest) const {
  auto file = open_plain_file(path(digest));
  if (!file) {
    if (file.error().kind != ErrorClass::not_found) return fail(file.error());
    return fail(ErrorClass::not_found, "blob_missing", "",
                fmt::format("There is no blob {}.", to_hex(digest.view())));
  }
  auto size = file_size(file->get());
  if (!size) return fail(size.error());
  return BlobFile(std::move(*file), *size);
}

Result<std::string> BlobStore::read(const Digest& digest, std::size_t max_bytes) const {
  auto blob = open_blob(digest);
  if (!blob) return fail(blob.error());
  if (blob->size() > max_bytes) {
    return fail(ErrorClass::malformed, "blob_too_large", "",
                fmt::format("The blob is larger than {} bytes.", max_bytes));
  }
  auto bytes = blob->read(0, blob->size());
  if (bytes && sha256(*bytes) != digest) {
    return fail(ErrorClass::unavailable, "blob_damaged", "",
                fmt::format("Blob {} is not what its name says.", to_hex(digest.view())));
  }
  return bytes;
}

Result<std::uint64_t> BlobStore::size(const Digest& digest) const {
  auto blob = open_blob(digest);
  if (!blob) return fail(blob.error());
  return blob->size();
}

bool BlobStore::exists(const Digest& digest) const {
  return ::access(path(digest).c_str(), F_OK) == 0;
}

Status BlobStore::remove(const Digest& digest) const {
  const std::string name = path(digest);
  if (::unlink(name.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return storage_error("removing a blob", errno);
  }
  return sync_directory(name.substr(0, name.rfind('/')));
}

Result<std::size_t> BlobStore::clean_temporary() const {
  std::size_t removed = 0;
  std::error_code error;
  for (fs::directory_iterator it(temporary_folder(root_), error), end; !error && it != end;
       it.increment(error)) {
    const std::string path = it->path().string();
    auto file = open_plain_file(path);
    if (!file || ::flock(file->get(), LOCK_EX | LOCK_NB) != 0) continue;
    if (::unlink(path.c_str()) == 0) ++removed;
  }
  if (error) return storage_error("listing temporary files", error.value());
  return removed;
}

}  // namespace fl::blobs
