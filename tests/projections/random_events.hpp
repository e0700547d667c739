#pragma once

#include <random>

#include "tests/projections/samples.hpp"

namespace fl::tests {

/// Random events about few people and things, so that they collide: doubles, repeats, acts of
/// strangers, acts out of order.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  pb::LedgerEvent ledger() {
    switch (below(7)) {
      case 0:
        return deposited(fan(), 1 + static_cast<std::int64_t>(below(5000)),
                         below(2) == 0 ? "USD" : "BTC");
      case 1:
        return purchased(fan(), post(), creator());
      case 2:
        return subscribed(fan(), creator(),
                          below(3) == 0 ? 0 : static_cast<std::int64_t>(below(1'000'000'000)));
      case 3:
        return published("post " + std::to_string(posts_++), creator(), below(2) == 0);
      case 4:
        if (deleted_ < posts_) return deleted("post " + std::to_string(deleted_++));
        return opened("name " + std::to_string(posts_));
      default:
        return tipped(fan(), creator(), 10 + static_cast<std::int64_t>(below(100)));
    }
  }

  pb::ActivityEvent activity() {
    auto event = fresh();
    if (below(8) == 0) event.set_id(named<EventId>(std::to_string(below(500))).raw());
    if (below(4) == 0) event.set_command_mac(std::string(32, static_cast<char>(below(256))));
    if (below(20) == 0) event.set_actor(account("stranger").raw());
    return event;
  }

 private:
  pb::ActivityEvent fresh() {
    const auto id = std::to_string(next_++);
    const auto time = static_cast<std::int64_t>(below(100'000));
    const auto media = "media " + std::to_string(below(6));
    const auto job = "job " + std::to_string(below(6));
    switch (below(11)) {
      case 0:
      case 1:
        return liked(id, fan(), post(), below(2) == 0);
      case 2:
        return commented("comment " + std::to_string(below(200)), fan(), post());
      case 3:
        return comment_deleted(id, "comment " + std::to_string(below(200)), fan(), post());
      case 4:
        return message("message " + std::to_string(below(300)), fan(), creator(), time);
      case 5:
        return message("message " + std::to_string(below(300)), creator(), fan(), time);
      case 6:
        return upload_started(media, creator(), 1 + static_cast<std::int64_t>(below(50)), time);
      case 7: {
        const auto offset = static_cast<std::int64_t>(below(3)) * 5;
        return upload_chunk(media, creator(), offset, 5);
      }
      case 8:
        return below(6) == 0 ? upload_ended(media, below(2) == 0 ? "" : creator())
                             : noticed("notice " + std::to_string(below(100)), creator());
      case 9:
        return below(2) == 0 ? job_claimed(id, job)
                             : job_ended(id, job, below(100), pb::JOB_OUTCOME_FAILED);
      default:
        return notices_read(id, creator(), below(200));
    }
  }
  std::string fan() { return "fan " + std::to_string(below(5)); }
  std::string creator() { return "creator " + std::to_string(below(3)); }
  std::string post() { return "post " + std::to_string(below(10)); }

  std::mt19937_64 random_;
  std::uint64_t next_ = 0;
  std::uint64_t posts_ = 0;
  std::uint64_t deleted_ = 0;
};

}  // namespace fl::tests
