#include "core/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace fl {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "fanledger: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace fl
