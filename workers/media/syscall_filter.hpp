#pragma once

#include "core/base/error.hpp"
#include "core/blobs/file_descriptor.hpp"

namespace fl::media {

/// A compiled seccomp filter in an unnamed file, to be read from its start. What it forbids: new
/// processes (threads are allowed), sockets, namespaces, mounts, tracing, keys, kernel interfaces
/// that a decoder never needs, and memory that the address-space limit does not count.
/// One process a jail is what makes that limit a limit of the whole jail, for root too.
Result<blobs::FileDescriptor> make_syscall_filter();

}  // namespace fl::media
