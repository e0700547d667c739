#pragma once

#include <cstdint>
#include <string_view>

#include "api/http/request.hpp"

namespace fl::http {

/// What of a file a request gets (RFC 9110 §13, §14). `offset` and `length` are within the file.
struct Selection {
  enum Kind { whole, partial, unsatisfiable, not_modified };
  Kind kind = whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Ranges count on GET alone; several ranges, and what is no range at all, get the whole.
Selection select(const Request& request, std::uint64_t size, std::string_view etag);

}  // namespace fl::http
