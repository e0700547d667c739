#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/log/log.hpp"

namespace fl::log {

/// A partition that is this member's.
struct Held {
  Stream stream = Stream::jobs;
  PartitionIndex partition = 0;
  std::uint64_t generation = 0;  ///< another one each time that the partition comes to this member

  auto operator<=>(const Held&) const = default;
};

/// The code of a commit for a partition that is another's by now. Routine: whoever holds it goes on
/// from the position that stands.
inline constexpr const char* kNotHeld = "partition_not_held";  ///< conflict
Failure not_held(const Held& held);

/// The work of some streams, shared among the members of a consumer group: each partition is one
/// member's at a time, and with it its position. Partitions stay where they are as long as members
/// stay; those of a member that ends or is not heard of go to the others. A member that is cut off
/// or asleep may believe for a while that it holds what is another's: so what it does must bear
/// being done twice, and its commits are refused. Thread-safe. Every implementation passes the same
/// contract suite (tests/log).
class WorkShare {
 public:
  virtual ~WorkShare() = default;  ///< stops

  /// In order of stream and partition. Nothing until the group has met, and after `stop`.
  virtual std::vector<Held> assigned() const = 0;
  /// Whether it is still held, and was all the time since.
  virtual bool holds(const Held& held) const = 0;

  /// Called after `assigned` has changed, from a thread of the share or of who joins or leaves.
  /// Must be quick, and must not stop the share nor set a listener. Once this returns, the listener
  /// before is not called any more; nullptr is none.
  using Listener = std::function<void()>;
  virtual void set_listener(Listener listener) = 0;

  /// The next offset that the group should read, whoever holds the partition; nothing when none was
  /// committed, or it was forgotten. Errors: malformed; unavailable.
  virtual Result<std::optional<Offset>> committed(Stream stream, PartitionIndex partition) = 0;
  /// Durable when it returns. May go back: the holder that wants to read anew says so. Errors:
  /// conflict `partition_not_held`; unavailable, and then it may be there or not.
  virtual Status commit(const Held& held, Offset next) = 0;

  /// Leaves the group for good, so that the others take over at once.
  virtual void stop() = 0;
};

}  // namespace fl::log
