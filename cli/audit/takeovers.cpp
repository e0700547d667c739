#include "cli/audit/takeovers.hpp"

#include <fmt/format.h>

namespace fl::cli {
namespace {

/// As many appends as an owner may have under way: so many may be void when one is lost.
constexpr std::uint64_t kMostInFlight = 5;

}  // namespace

void Takeovers::saw_fence(const pb::Fence& fence) {
  incarnations_[fence.epoch()] = fence.incarnation();
  nonce_ = fence.nonce();
}

std::string Takeovers::saw_batch(const pb::Batch& batch) {
  const auto fence = incarnations_.find(batch.epoch());
  if (fence == incarnations_.end()) return "a batch before any fence";
  if (fence->second != batch.incarnation()) {
    return fmt::format("a batch of epoch {} by another than the one who fenced it", batch.epoch());
  }
  const bool follows = exclusive_ ? batch.nonce() == nonce_ + 1 : batch.nonce() > nonce_;
  const auto before = nonce_;
  nonce_ = batch.nonce();
  if (follows) return "";
  return fmt::format("nonce {} after nonce {} of the same incarnation", batch.nonce(), before);
}

std::string Takeovers::explanation(const events::ChainState& chain, std::string_view stored) const {
  if (exclusive_) return "";
  const auto record = events::decode<pb::LedgerRecord>(stored);
  if (!record) return "";
  if (record->has_batch()) return explain_batch(chain, record->batch());
  if (!record->has_fence()) return "";
  const auto epoch = record->fence().epoch();
  const auto winner = incarnations_.find(epoch);
  if (winner == incarnations_.end() || winner->second == record->fence().incarnation()) return "";
  return fmt::format("a fence for epoch {}, which another fenced first", epoch);
}

std::string Takeovers::explain_batch(const events::ChainState& chain,
                                     const pb::Batch& batch) const {
  const auto owner = incarnations_.find(batch.epoch());
  if (owner == incarnations_.end() || owner->second != batch.incarnation()) return "";
  if (batch.epoch() < chain.epoch)
    return fmt::format("a batch of epoch {} that came when it was over", batch.epoch());
  // The owner's own: batches before it were lost on their way, as many as nonces are missing.
  if (batch.batch_seq() <= chain.next_batch_seq || batch.nonce() <= nonce_ + 1) return "";
  const auto lost = batch.batch_seq() - chain.next_batch_seq;
  if (lost != batch.nonce() - (nonce_ + 1) || lost >= kMostInFlight) return "";
  return fmt::format("a batch behind {} of the same owner that were lost", lost);
}

}  // namespace fl::cli
