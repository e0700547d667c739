#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "schemas/activity.pb.h"

namespace fl {
namespace pb = ::fanledger::v1;
}

/// The folds of the stream `activity`. Pure, and from one partition alone: no fold knows the
/// ledger, a clock, or another partition. Whether somebody may act was decided by the node that
/// admitted the event; a fold voids only what its own partition shows to be void, so that every
/// reader voids the same events, however fast it reads.
namespace fl::activity {

/// What a fold made of an event. All but `applied` are void: without any effect.
enum class Verdict {
  applied,
  malformed,  ///< an id of a wrong size, or filed under another subject than its own
  repeated,   ///< done before: an id seen, a second like, a thing deleted or ended twice
  unknown,    ///< about something that the partition does not hold
  foreign,    ///< by somebody who is not a party to it
  misplaced,  ///< a chunk that does not continue the upload
  ended,      ///< after the end
  stale,      ///< with a token that a later claim has superseded
};
const char* to_string(Verdict verdict);

/// An event without its body, and where it stands.
struct Act {
  EventId id;
  AccountId actor;  ///< zero: the platform
  std::int64_t time_ms = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  std::string mac = {};  ///< of the request that asked for it; empty: its id is no client's
};
Act act_of(const pb::ActivityEvent& event, std::uint32_t partition, std::uint64_t offset);

/// Decodes a stored record. Every reader must stop at an error here: `activity_unparsable` is
/// damage, `activity_unknown` an event, field or value of a newer version, and to skip it would let
/// two readers part ways.
Result<pb::ActivityEvent> decode(std::string_view stored);

/// The subject that an event must be filed under: post, conversation, upload, job or, for what is
/// read, the reader. Empty for `Noticed`, whose subject is its recipient. An event whose `about`
/// differs is void.
std::string_view subject_of(const pb::ActivityEvent& event);

/// True when the event's ids and MAC have their sizes and it is filed under its own subject.
bool well_formed(const pb::ActivityEvent& event);

/// The partition of a subject: all that is about one thing is totally ordered.
std::uint32_t partition_of(std::string_view about, std::uint32_t partitions);

}  // namespace fl::activity
