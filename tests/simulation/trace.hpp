#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace fl::sim {

/// What happened in a run, step by step: the last lines to be read, and a hash over all.
class Trace {
 public:
  template <class... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    auto line = fmt::format(format, std::forward<Arguments>(arguments)...);
    for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    lines_.push_back(std::move(line));
    if (lines_.size() > kKept) lines_.pop_front();
  }

  std::uint64_t hash() const { return hash_; }
  std::string tail() const {
    std::string out;
    for (const auto& line : lines_) out += "  " + line + "\n";
    return out;
  }

 private:
  static constexpr std::size_t kKept = 60;
  std::deque<std::string> lines_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace fl::sim
