#include "api/nodes/backoff.hpp"

#include <algorithm>

namespace fl::nodes {

Backoff::Millis Backoff::next() {
  const auto due = next_;
  next_ = std::min(longest_, 2 * next_);
  std::uniform_int_distribution<Millis::rep> jitter(due.count() / 2, due.count());
  return Millis(jitter(random_));
}

}  // namespace fl::nodes
