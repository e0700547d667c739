#include "core/events/merkle.hpp"

#include <doctest/doctest.h>

#include "core/base/encoding.hpp"

using namespace fl;
using events::MerkleAccumulator;

namespace {

/// The definition of RFC 6962, section 2.1, word for word.
Digest naive_root(std::span<const std::string> entries) {
  if (entries.empty()) return sha256("");
  if (entries.size() == 1) return events::merkle_leaf(entries.front());
  std::size_t k = 1;
  while (k * 2 < entries.size()) k *= 2;
  return events::merkle_node(naive_root(entries.first(k)), naive_root(entries.subspan(k)));
}

}  // namespace

TEST_CASE("the roots of the eight leaves of Certificate Transparency's tests are the known ones") {
  const char* leaves[] = {"",
                          "00",
                          "10",
                          "2021",
                          "3031",
                          "40414243",
                          "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"};
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleAccumulator tree;
  CHECK(to_hex(tree.root().view()) == roots[0]);
  for (std::size_t i = 0; i < 8; ++i) {
    tree.add(*from_hex(leaves[i]));
    CAPTURE(i);
    CHECK(tree.size() == i + 1);
    CHECK(to_hex(tree.root().view()) == roots[i + 1]);
  }
}

TEST_CASE("the accumulator's root is the recursive definition's, for 0 to 70 leaves") {
  std::vector<std::string> entries;
  MerkleAccumulator tree;
  for (int n = 0; n <= 70; ++n) {
    CAPTURE(n);
    CHECK(tree.root() == naive_root(entries));
    CHECK(events::merkle_root(entries) == naive_root(entries));
    entries.push_back("entry " + std::to_string(n));
    tree.add(entries.back());
  }
}

TEST_CASE("a leaf cannot pass for a node") {
  const auto left = events::merkle_leaf("a");
  const auto right = events::merkle_leaf("b");
  CHECK(events::merkle_leaf(left.str() + right.str()) != events::merkle_node(left, right));
}
