#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/log/kafka_client.hpp"

namespace fl::log::kafka {

/// The recent records of one partition, as they came, without a gap: what readers near the end are
/// served from, so that a record is fetched once however many read it. Of a sparse partition only
/// the latest of each key is kept, as its topic will. Thread-safe.
class RecentRecords {
 public:
  RecentRecords(Offset start, bool sparse, std::size_t max_bytes)
      : sparse_(sparse), max_bytes_(max_bytes), start_(start), base_(start), next_(start) {}

  /// Takes the record that came next. Error: `log_damaged`, when it is not the next.
  Status add(const Position& at, Record record);
  /// Notes that nothing more comes below this offset (a sparse partition's end).
  void reach(Offset next);

  /// Up to the bounds, waiting until `end` has come; nothing when `from` is no longer kept. Fewer
  /// than there are, or none, when the deadline passes or `stop` was called.
  std::optional<std::vector<Record>> read(Offset from, Offset end, std::size_t max_records,
                                          std::size_t max_bytes, Deadline deadline);
  Offset start() const { return start_; }  ///< where following began
  Offset base() const;
  Offset next() const;
  void stop();

  /// A record to be found again: offset and CRC-32C of key and value.
  struct Witness {
    Offset offset;
    std::uint32_t crc;
  };
  /// The one that was known to be right at last, or came first since, and the one that came last.
  /// The first finds a topic that was made anew and has grown beyond what was seen.
  std::vector<Witness> witnesses() const;
  void trust(const Witness& witness);

 private:
  const bool sparse_;
  const std::size_t max_bytes_;
  const Offset start_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Record> records_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, Offset> latest_;  ///< sparse: where each key of records_ is
  Offset base_;  ///< everything from here to next_ is in records_
  Offset next_;
  std::deque<Record>::iterator at_or_above(Offset offset);
  void drop(std::deque<Record>::iterator record);
  bool stopped_ = false;
  std::optional<Witness> trusted_;
  std::optional<Witness> last_;
};

std::uint32_t crc_of(const Record& record);

}  // namespace fl::log::kafka
