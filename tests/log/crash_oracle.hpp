#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/log/log.hpp"

/// What log_child does and says, and what must hold of its log afterwards.
namespace fl::log::crash {

std::vector<StreamConfig> streams();
std::pair<Stream, PartitionIndex> place_of(std::uint64_t random);
/// A record of random size that carries the digest of its own content.
NewRecord make_record(Stream stream, std::mt19937_64& random);
std::string acknowledged_line(const Position& first, const std::vector<NewRecord>& records);

/// A log_child under way.
class Child {
 public:
  Child(const std::filesystem::path& directory, std::uint64_t seed, int threads, int appends,
        std::map<std::string, std::string> environment = {});
  ~Child();  ///< kills it
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next whole line without its end; empty when there are no more.
  std::string line();
  void kill();
  int wait();  ///< exit code, or minus the signal; reads no lines

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string buffer_;
};

/// Collects what was acknowledged, and compares a log with it.
class Oracle {
 public:
  void hear(const std::string& line);
  std::size_t acknowledged() const { return values_.size(); }
  const std::vector<std::string>& refusals() const { return refusals_; }
  bool said(const std::string& line) const;
  /// Checks (doctest's) that everything acknowledged is there, that every record is what some
  /// append wrote, and that offsets are dense. Returns how many records there are.
  std::size_t check(LogReader& log) const;

 private:
  std::map<Position, std::string> values_;  ///< short digests
  std::vector<std::string> refusals_, other_;
};

}  // namespace fl::log::crash
