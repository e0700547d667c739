#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace fl::cli {

/// Tells how far a long reading is, at most ten times a second, to whoever wants to know.
class Progress {
 public:
  using Show = std::function<void(const std::string& stage, std::uint64_t done, std::uint64_t all)>;
  explicit Progress(Show show = {}) : show_(std::move(show)) {}

  void at(const std::string& stage, std::uint64_t done, std::uint64_t all) {
    if (!show_) return;
    const auto now = std::chrono::steady_clock::now();
    if (done < all && now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    show_(stage, done, all);
  }

 private:
  Show show_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace fl::cli
