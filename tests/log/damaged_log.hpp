#pragma once

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/log/log.hpp"

/// What tests of damaged logs share: a log with content, its files, and all that it holds.
namespace fl::log::damage {

namespace fs = std::filesystem;
using Content = std::map<std::pair<Stream, PartitionIndex>, std::vector<Record>>;

/// A ledger and two partitions of activity.
std::vector<StreamConfig> two_streams();
/// Each append is of its own size, so that writes begin anywhere in a block of the log.
void fill(Log& log, int appends, std::mt19937_64& random);
/// A directory as it is after SIGKILL: what a running log had on disk, its lock gone.
void crashed_log(const fs::path& directory, int appends, Content& whole);

/// Everything in a log, or the first error.
Result<Content> content(LogReader& log);
Result<Content> content_of(const fs::path& directory, bool read_only);
bool is_whole(const Result<Content>& found, const Content& whole);
bool is_prefix(const Content& part, const Content& whole);
std::size_t count(const Content& content);

std::string bytes_of(const fs::path& path);
void write_bytes(const fs::path& path, std::string_view bytes);
/// The one file with the extension that is not empty.
fs::path only_file(const fs::path& directory, const std::string& extension);
/// Every file with its content, in order.
std::vector<std::pair<fs::path, std::string>> snapshot(const fs::path& directory);

}  // namespace fl::log::damage
