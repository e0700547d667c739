#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/log/kafka_client.hpp"

namespace fl::log::kafka {

/// Readers of what lies behind: each stands in one partition and reads on from there; one that is
/// asked for another place begins anew there, and one that has arrived at the end stops, so that it
/// does not fetch what the tail fetches. At most kClients of them stand in one partition; a further
/// caller waits. Thread-safe.
class CatchUp {
 public:
  static constexpr std::size_t kClients = 2;

  CatchUp(const KafkaOptions& options, std::vector<StreamConfig> streams);
  ~CatchUp();

  /// From `from`, which is below `end`, up to the bounds; waits for records that must come. From
  /// `tail` on the caller has them elsewhere: a reader that got there stops. Empty
  /// only on a sparse partition that holds nothing more up to `end`. Errors: unavailable
  /// `log_damaged` for a gap, `log_unreachable` when the deadline passes, `log_begins_later` when
  /// the broker says that the position is not there.
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, bool sparse,
                                   Offset from, Offset end, Offset tail, std::size_t max_records,
                                   std::size_t max_bytes, Deadline deadline);

 private:
  struct Reader {
    bool busy = false;
    bool started = false;
    Offset next = 0;
    std::uint64_t used = 0;  ///< when, in calls
  };
  struct Client {
    std::mutex mutex;  ///< of the making
    Owned<rd_kafka_t> handle;
    std::map<Stream, Owned<rd_kafka_topic_t>> topics;
    ~Client() { topics.clear(); }
  };
  struct Place {
    Stream stream;
    PartitionIndex partition;
    auto operator<=>(const Place&) const = default;
  };

  std::optional<std::size_t> take(const Place& place, Offset from, Deadline deadline);
  Status stand(std::size_t client, const Place& place, Reader& reader, Offset from);
  Result<rd_kafka_topic_t*> topic_handle(std::size_t client, Stream stream);

  const KafkaOptions& options_;
  const std::vector<StreamConfig> streams_;
  std::array<Client, kClients> clients_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<Place, std::array<Reader, kClients>> readers_;
  std::uint64_t calls_ = 0;
};

inline constexpr const char* kNotThere = "log_begins_later";

}  // namespace fl::log::kafka
