#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fl::projections {

inline constexpr std::size_t kMaxPage = 100;

/// What part of a list is wanted. A limit of 0 or above kMaxPage is kMaxPage. The cursor is what
/// the page before gave as `next`, or empty for the newest. It names the last row seen, so rows
/// that come in meanwhile neither repeat nor hide others.
struct Page {
  std::size_t limit = 20;
  std::string cursor;
};

template <class T>
struct Listing {
  std::vector<T> items;
  std::string next;  ///< empty: the end
};

}  // namespace fl::projections
