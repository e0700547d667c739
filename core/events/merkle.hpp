#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sha256.hpp"

namespace fl::events {

/// RFC 6962, section 2.1: leaves are SHA-256(0x00 ‖ entry), nodes SHA-256(0x01 ‖ left ‖ right).
Digest merkle_leaf(std::string_view entry);
Digest merkle_node(const Digest& left, const Digest& right);

/// The tree's root, entry by entry, in memory logarithmic in their number. An empty tree's root is
/// SHA-256 of nothing.
class MerkleAccumulator {
 public:
  void add(std::string_view entry) { add_leaf(merkle_leaf(entry)); }
  void add_leaf(Digest leaf);
  Digest root() const;
  std::uint64_t size() const { return size_; }

 private:
  std::vector<Digest> peaks_;  // roots of full subtrees, the largest first: the one bits of size_
  std::uint64_t size_ = 0;
};

template <class Range>
Digest merkle_root(const Range& entries) {
  MerkleAccumulator tree;
  for (const auto& entry : entries) tree.add(entry);
  return tree.root();
}

}  // namespace fl::events
