#include "core/blobs/file_descriptor.hpp"

#include <unistd.h>

namespace fl::blobs {

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace fl::blobs
