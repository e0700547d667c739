#include "projections/position_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/assert.hpp"

namespace fl::projections {
namespace {

Failure invalid() {
  return fail(ErrorClass::malformed, "position_invalid", "min_position",
              "The position is not one that this service gave.");
}

/// A whole number in its one spelling.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.front() == '0' && text.size() > 1) return std::nullopt;
  return value;
}

}  // namespace

Result<PositionToken> PositionToken::parse(std::string_view text) {
  PositionToken token;
  if (text.size() > kMaxText) return invalid();
  for (auto rest = text;;) {
    const auto dot = rest.find('.');
    auto part = rest.substr(0, dot);
    if (part.starts_with('L')) {
      const auto next = number<log::Offset>(part.substr(1));
      if (!next) return invalid();
      token.set(log::Stream::ledger, 0, *next);
    } else if (part.starts_with('A')) {
      const auto dash = part.find('-');
      if (dash == std::string_view::npos) return invalid();
      const auto partition = number<log::PartitionIndex>(part.substr(1, dash - 1));
      const auto next = number<log::Offset>(part.substr(dash + 1));
      if (!partition || !next) return invalid();
      token.set(log::Stream::activity, *partition, *next);
    } else {
      return invalid();
    }
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // Order, repetition and zeros: whatever is not spelled as we spell it.
  if (token.str() != text) return invalid();
  return token;
}

std::string PositionToken::str() const {
  std::string out;
  for (const auto& [where, next] : next_) {
    if (!out.empty()) out.push_back('.');
    if (where.first == log::Stream::ledger) {
      out += fmt::format("L{}", next);
    } else {
      out += fmt::format("A{}-{}", where.second, next);
    }
  }
  return out.empty() ? "L0" : out;
}

log::Offset PositionToken::next(log::Stream stream, log::PartitionIndex partition) const {
  const auto found = next_.find({stream, partition});
  return found == next_.end() ? 0 : found->second;
}

void PositionToken::set(log::Stream stream, log::PartitionIndex partition, log::Offset next) {
  FL_ASSERT(stream == log::Stream::ledger ? partition == 0 : stream == log::Stream::activity);
  if (next == 0) {
    next_.erase({stream, partition});
  } else {
    next_[{stream, partition}] = next;
  }
}

PositionToken PositionToken::just_after(const log::Position& position) {
  FL_ASSERT(position.offset < std::numeric_limits<log::Offset>::max());
  PositionToken token;
  token.set(position.stream, position.partition, position.offset + 1);
  return token;
}

void PositionToken::merge(const PositionToken& other) {
  for (const auto& [where, next] : other.next_) {
    auto& mine = next_[where];
    mine = std::max(mine, next);
  }
}

bool PositionToken::covered_by(const PositionToken& seen) const {
  return std::all_of(next_.begin(), next_.end(), [&](const auto& entry) {
    return entry.second <= seen.next(entry.first.first, entry.first.second);
  });
}

}  // namespace fl::projections
