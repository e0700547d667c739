#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace fl::protocol {

/// How a protocol departs from the design. All false: the design itself. Each departure has been
/// thought of as harmless, or as an optimisation, by somebody.
struct Variant {
  const char* name = "the design";
  // The reader's rule, with less in it.
  bool without_prev_head = false;
  bool without_epoch = false;  ///< of batches
  bool without_batch_seq = false;
  // What an owner does otherwise.
  bool acknowledges_on_report = false;       ///< whatever stands before the record
  bool skips_the_gap = false;                ///< judges its record by what it knew before the gap
  bool recovers_in_place = false;            ///< keeps its epoch over a void or unknown batch
  bool serves_before_its_fence = false;      ///< decides and appends while its fence is under way
  bool saves_speculation = false;            ///< a snapshot with what is not confirmed
  bool refuses_at_once = false;              ///< from speculative state
  bool tells_balances_at_once = false;       ///< from confirmed state
  bool rests_on_what_is_under_way = false;   ///< answers with a record from before the request
  bool takes_any_fence_of_its_name = false;  ///< own by owner id, not by the exact record
};

enum class Asks : std::uint8_t { command, balance };

/// A request that a client may make, once, of any owner and at any time.
struct Request {
  Asks asks = Asks::command;
  int command = 0;  ///< two requests with one command: the same command id, tried again
  int after = -1;   ///< made after that request, if not -1: the retry, or to break a symmetry
};

inline constexpr int kMaxOwners = 3;
inline constexpr int kMaxCommands = 3;
inline constexpr int kMaxRequests = 4;

/// What is explored: a finite world, because fences, copies and requests are counted.
struct Setup {
  int owners = 2;
  int opening_balance = 1;
  std::array<int, kMaxCommands> amounts = {-1, -1, -1};  ///< what each command adds to the balance
  std::vector<Request> requests;
  int fences = 2;           ///< attempts to take over, of all owners together
  int copies = 0;           ///< records that the network delivers twice
  int snapshots = 0;        ///< all owners together
  int window = 2;           ///< batches in flight
  bool late_voids = false;  ///< let what can only be void arrive too: see prune in network.cpp
  /// Complain only of what somebody outside could complain of. Otherwise the judge is stricter:
  /// what has landed counts although nobody has been told, and no two batches are decided on one
  /// head.
  bool judge_by_harm = false;
  Variant variant;
};

}  // namespace fl::protocol
