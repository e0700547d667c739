#include "core/events/merkle.hpp"

namespace fl::events {

Digest merkle_leaf(std::string_view entry) {
  return sha256({std::string_view("\0", 1), entry});
}

Digest merkle_node(const Digest& left, const Digest& right) {
  return sha256({std::string_view("\1", 1), left.view(), right.view()});
}

void MerkleAccumulator::add_leaf(Digest leaf) {
  // Like adding one to a binary number: each one bit at the end is a full subtree to be joined.
  for (std::uint64_t bits = size_; bits & 1; bits >>= 1) {
    leaf = merkle_node(peaks_.back(), leaf);
    peaks_.pop_back();
  }
  peaks_.push_back(leaf);
  ++size_;
}

Digest MerkleAccumulator::root() const {
  if (peaks_.empty()) return sha256("");
  Digest root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) root = merkle_node(peaks_[i], root);
  return root;
}

}  // namespace fl::events
