#include "workers/progress.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace fl::workers {
namespace {

constexpr std::string_view kTopic = "media_progress";
constexpr std::uint8_t kOver = 255;
constexpr std::size_t kMost = 10'000;  ///< far above what all nodes process at a time

std::string message(const MediaId& media, std::uint8_t percent) {
  std::string out;
  put_bytes(out, media.view());
  put_u8(out, percent);
  return out;
}

}  // namespace

Progress::Progress(log::LiveBus& bus)
    : bus_(bus),
      subscription_(bus.subscribe(
          [this](std::string_view topic, std::string_view bytes) { hear(topic, bytes); })) {}

void Progress::set(const MediaId& media, int percent) {
  bus_.publish(kTopic, message(media, static_cast<std::uint8_t>(std::clamp(percent, 0, 100))));
}

void Progress::clear(const MediaId& media) {
  bus_.publish(kTopic, message(media, kOver));
}

void Progress::hear(std::string_view topic, std::string_view bytes) {
  if (topic != kTopic) return;
  BinaryReader in(bytes);
  const auto media = MediaId::from_raw(in.bytes());
  const auto percent = in.u8();
  if (!in.done()) return;  // of another version
  const std::lock_guard lock(mutex_);
  if (percent > 100) {
    seen_.erase(media);
    return;
  }
  if (!seen_.contains(media)) forget_old();
  if (seen_.size() < kMost) seen_[media] = {percent, std::chrono::steady_clock::now()};
}

void Progress::forget_old() {
  const auto long_ago = std::chrono::steady_clock::now() - kForgotten;
  std::erase_if(seen_, [&](const auto& each) { return each.second.when < long_ago; });
}

std::optional<int> Progress::get(const MediaId& media) const {
  const std::lock_guard lock(mutex_);
  const auto it = seen_.find(media);
  return it == seen_.end() ? std::nullopt : std::optional(it->second.percent);
}

}  // namespace fl::workers
