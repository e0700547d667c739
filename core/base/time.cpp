#include "core/base/time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace fl {

std::string to_rfc3339(Instant at) {
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(at.ms)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{point - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<Instant> from_rfc3339(std::string_view text) {
  bool good = true;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    if (at + size > text.size()) return good = false, 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + size, value);
    good = good && error == std::errc{} && end == text.data() + at + size && value >= 0;
    return value;
  };
  const auto literal = [&](std::size_t at, char c) {
    good = good && at < text.size() && text[at] == c;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  literal(4, '-'), literal(7, '-'), literal(10, 'T'), literal(13, ':'), literal(16, ':');
  int ms = 0;
  if (text.size() == 24) {
    literal(19, '.');
    ms = number(20, 3);
    literal(23, 'Z');
  } else {
    literal(19, 'Z');
    good = good && text.size() == 20;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!good || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t day_count = std::chrono::sys_days(date).time_since_epoch().count();
  return Instant{((day_count * 24 + hour) * 60 + minute) * 60'000 + second * 1000 + ms};
}

}  // namespace fl
