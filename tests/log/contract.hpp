#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/log/log.hpp"

namespace fl::log::contract {

/// What an implementation brings to the suite.
struct Subject {
  /// Opens the log over the same storage, new at first; the one opened before is gone by then.
  std::function<std::unique_ptr<Log>()> open;
  /// Makes what was replaced on compacted streams go away, if that needs a push.
  std::function<void(Log&)> compact;
};

/// The streams that the log of `open` must hold.
std::vector<StreamConfig> streams();

/// A rule that every log keeps: a fact, and the check of it on a fresh subject (doctest's).
struct Rule {
  const char* fact;
  std::function<void(const Subject&)> check;
};
std::vector<Rule> rules();

NewRecord record(std::string value, std::string key = "");
/// Every record of a partition, read in small bites.
std::vector<Record> read_all(LogReader& log, Stream stream, PartitionIndex partition);
std::vector<std::string> values_of(const std::vector<Record>& records);

}  // namespace fl::log::contract
