#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/blobs/file_descriptor.hpp"

namespace fl::blobs {

/// An `unavailable` error of a failed system call: `storage_full` for a full disk, quota or file
/// size limit, else `storage_failed`. `what` is a gerund phrase: "writing a blob".
Failure storage_error(std::string_view what, int error_number);

/// Writes everything or fails. Never retries after an I/O error.
Status write_all(int fd, std::string_view bytes);

/// Fills `size` bytes from `offset` on; fewer only at the end of the file.
Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size);

/// Makes renames and removals in a folder durable.
Status sync_directory(const std::string& path);

/// Opens a plain file to read: no symbolic link, device, pipe or folder in the last place of the
/// path is followed or opened. not_found `file_missing`, or unavailable.
Result<FileDescriptor> open_plain_file(const std::string& path);

Result<std::uint64_t> file_size(int fd);

}  // namespace fl::blobs
