#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/events/chain.hpp"

namespace fl::cli {

/// Who wrote in which epoch, as the fences tell it: whether a batch is by the one whose epoch it
/// is, and whether the protocol explains a void record. A log of one machine has one writer at a
/// time, so there nothing is ever void.
class Takeovers {
 public:
  explicit Takeovers(bool exclusive) : exclusive_(exclusive) {}

  void saw_fence(const pb::Fence& fence);
  /// Empty, or why the one whose epoch it is did not write this valid batch.
  std::string saw_batch(const pb::Batch& batch);

  /// Which race that somebody lost explains the void record; empty when none does. `chain` stands
  /// at it.
  std::string explanation(const events::ChainState& chain, std::string_view stored) const;

 private:
  std::string explain_batch(const events::ChainState& chain, const pb::Batch& batch) const;

  const bool exclusive_;
  std::map<std::uint64_t, std::string> incarnations_;  ///< by epoch
  std::uint64_t nonce_ = 0;                            ///< of the last valid record of the epoch
};

}  // namespace fl::cli
