#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "tests/protocol/variant.hpp"

namespace fl::protocol {

/// Stands for the hash of a record: which owner made it, as its how many-eth. Never used again,
/// also not after a crash, because an incarnation is random. 0 is genesis.
using RecordId = std::uint8_t;
inline constexpr RecordId kGenesis = 0;
constexpr RecordId record_id(int owner, int nonce) {
  return static_cast<RecordId>((owner << 4) | nonce);
}
constexpr int maker(RecordId id) {
  return id >> 4;
}

enum class Kind : std::uint8_t { none, fence, batch };

/// `prev` is the last valid record below. That pins all that is below, as a hash of it would,
/// because that record was valid in one place only. (Behind a fence that has not been read it pins
/// less than the hash; only the variant that serves before its fence decides there.)
struct Record {
  RecordId id = 0;
  Kind kind = Kind::none;
  std::uint8_t epoch = 0;
  std::uint8_t seq = 0;       ///< of a batch
  RecordId prev = 0;          ///< of a batch: the head that it was decided on
  std::uint8_t commands = 0;  ///< of a batch: a bit a command, carried out in this order
  bool operator==(const Record&) const = default;
};

/// What a reader knows after a prefix of the log: the chain, and the fold of its valid batches.
struct Chain {
  std::uint8_t offset = 0;  ///< of the next record
  std::uint8_t epoch = 0;
  std::uint8_t seq = 0;  ///< of the next batch
  RecordId head = kGenesis;
  /// For each command, one more than the seq of the batch that carried it out; 0: not carried out.
  std::array<std::uint8_t, kMaxCommands> place{};
  bool operator==(const Chain&) const = default;
};

enum class Mode : std::uint8_t { following, taking_over, serving };

inline constexpr int kMaxPending = 3;

struct Owner {
  Mode mode = Mode::following;
  std::uint8_t made = 0;     ///< records, for the next id
  std::uint8_t pending = 0;  ///< own records whose fate is not known: sent[0 … pending)
  std::uint8_t flying = 0;   ///< the last of these: still in the network, delivered in this order
  std::array<Record, kMaxPending> sent{};
  Chain confirmed;  ///< what it has read
  Chain snapshot;   ///< what it begins with after a crash
};

enum class Phase : std::uint8_t { unasked, queued, riding, done };
enum class Outcome : std::uint8_t { undecided, carried_out, refused, balance, unknown };

/// A request on its way. `riding` means: answered once the record `rides_on` is known valid.
struct Asked {
  Phase phase = Phase::unasked;
  std::uint8_t owner = 0;
  RecordId rides_on = 0;
  Outcome outcome = Outcome::undecided;
  std::uint8_t detail = 0;  ///< the place of a success; what had been carried out, of a balance
  /// What the valid chain has shown since the request was made, for the judge alone: of a command,
  /// whether there was a moment at which it was to be refused; of a balance, which there were.
  std::uint8_t witnessed = 0;
};

inline constexpr int kMaxLog = 10;
inline constexpr int kMaxStray = 8;

/// One state of the whole. Plain bytes without padding, zero where unused, so that it can be
/// hashed.
struct World {
  std::uint8_t length = 0;  ///< of the log
  std::uint8_t strays = 0;
  std::uint8_t fences = 0;     ///< made
  std::uint8_t copies = 0;     ///< made
  std::uint8_t snapshots = 0;  ///< made
  std::uint8_t told = 0;  ///< of the valid batches, how many clients know of: if judged by harm
  std::array<Record, kMaxLog> log{};
  std::array<Record, kMaxStray>
      stray{};  ///< of producers that are no more: any order; sorted by id
  std::array<Owner, kMaxOwners> owners{};
  std::array<Asked, kMaxRequests> asked{};
  Chain truth;  ///< the whole log as a reader sees it
};
static_assert(std::has_unique_object_representations_v<World>);

/// The same for worlds that differ only in the names of the owners.
std::uint64_t fingerprint(const World& world, int owners);

}  // namespace fl::protocol
