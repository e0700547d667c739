#pragma once

#include <cstdint>
#include <vector>

namespace fl::protocol {

/// The states seen, by fingerprints of 64 bits: of ten million states, the chance that two share
/// one, and so one of them is passed over, is under three in a million.
class FingerprintSet {
 public:
  /// Whether it was not there.
  bool insert(std::uint64_t fingerprint) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    if (!place(slots_, fingerprint)) return false;
    ++size_;
    return true;
  }
  std::uint64_t size() const { return size_; }

 private:
  static bool place(std::vector<std::uint64_t>& slots, std::uint64_t fingerprint) {
    if (fingerprint == 0) fingerprint = 1;  // 0 is an empty slot
    const auto mask = slots.size() - 1;
    for (auto at = fingerprint & mask;; at = (at + 1) & mask) {
      if (slots[at] == fingerprint) return false;
      if (slots[at] != 0) continue;
      slots[at] = fingerprint;
      return true;
    }
  }
  void grow() {
    std::vector<std::uint64_t> larger(slots_.empty() ? 1U << 16 : 2 * slots_.size());
    for (const auto fingerprint : slots_) {
      if (fingerprint != 0) place(larger, fingerprint);
    }
    slots_.swap(larger);
  }

  std::vector<std::uint64_t> slots_;
  std::uint64_t size_ = 0;
};

}  // namespace fl::protocol
