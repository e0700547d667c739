#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fl {

/// Milliseconds since 1970-01-01T00:00:00Z. Whoever needs the time is given it: nothing below the
/// owner reads a clock.
struct Instant {
  std::int64_t ms = 0;
  auto operator<=>(const Instant&) const = default;
};

struct Duration {
  std::int64_t ms = 0;
  auto operator<=>(const Duration&) const = default;
};

constexpr Instant operator+(Instant at, Duration by) {
  return {at.ms + by.ms};
}
constexpr Duration operator-(Instant a, Instant b) {
  return {a.ms - b.ms};
}
constexpr Duration seconds(std::int64_t n) {
  return {n * 1000};
}
constexpr Duration minutes(std::int64_t n) {
  return seconds(n * 60);
}
constexpr Duration days(std::int64_t n) {
  return seconds(n * 86'400);
}

std::string to_rfc3339(Instant at);                          ///< "2026-11-22T19:04:36.123Z"
std::optional<Instant> from_rfc3339(std::string_view text);  ///< UTC only, fraction optional

}  // namespace fl
