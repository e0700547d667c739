#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/owner/journal.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/trace.hpp"

namespace fl::sim {

/// Of a thousand appends, how many meet what.
struct LogFaults {
  std::size_t dropped = 0;
  std::size_t duplicated = 0;
  std::size_t report_lost = 0;
  std::size_t error_early = 0;  ///< reported as failed while still under way
  std::size_t error_late = 0;   ///< reported as failed although it landed
  std::size_t no_offset = 0;
};

/// What its sender is told of an append.
struct Report {
  owner::Journal::Ticket ticket = 0;
  Result<std::optional<log::Offset>> where;
};

/// One log that many append to. What a producer sends lands later, in the order that it was sent
/// in, between what others send; or never; or twice. What a producer sent lands even after it was
/// closed, because its process crashed or made itself another.
class SharedLog {
 public:
  using ProducerId = std::size_t;
  using Process = std::uint64_t;
  enum class Gone { no, recreated, crashed };
  struct Hooks {
    std::function<void(log::Offset, const std::string&)> landed;
    std::function<void(Process, Report)> report;
  };

  SharedLog(std::vector<std::string> records, Chance& chance, Coverage& coverage, Trace& trace,
            LogFaults faults, Hooks hooks);

  const std::vector<std::string>& records() const { return records_; }
  log::Offset end() const { return records_.size(); }

  ProducerId open(Process process);
  void close(ProducerId producer, Gone why) { producers_[producer].gone = why; }
  void send(ProducerId producer, owner::Journal::Ticket ticket, std::string stored);

  /// Moves one append on: it lands, or is dropped, or only its report goes out. False when nothing
  /// is under way.
  bool move_one();
  /// Somebody's record, that no candidate sent.
  void put(std::string stored);
  /// From now on everything arrives, once, and is reported.
  void heal() { faults_ = {}; }

 private:
  struct Sent {
    owner::Journal::Ticket ticket = 0;
    std::string stored;
    bool reported = false;
    bool copy = false;
  };
  struct Producer {
    Process process = 0;
    Gone gone = Gone::no;
    bool dropped_one = false;
    std::deque<Sent> sent;
  };

  std::optional<ProducerId> choose();
  void drop(Producer& producer);
  void land(Producer& producer);
  void report(const Producer& producer, Report report);

  std::vector<std::string> records_;
  std::vector<Producer> producers_;
  Chance& chance_;
  Coverage& coverage_;
  Trace& trace_;
  LogFaults faults_;
  const Hooks hooks_;
};

/// "batch 7 (3 events, epoch 2)" or "fence 3 of node-1", for the trace.
std::string describe(const std::string& stored);

}  // namespace fl::sim
