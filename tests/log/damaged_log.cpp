#include "tests/log/damaged_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/log/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

namespace fl::log::damage {

std::vector<StreamConfig> two_streams() {
  return {{Stream::ledger, 1, false}, {Stream::activity, 2, false}};
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void fill(Log& log, int appends, std::mt19937_64& random) {
  for (int i = 0; i < appends; ++i) {
    const std::vector<NewRecord> records(
        1 + i % 2, contract::record(std::to_string(i) + std::string(random() % 3000, 'v')));
    const auto stream = i % 4 == 3 ? Stream::activity : Stream::ledger;
    const PartitionIndex partition = i % 8 == 3 ? 1 : 0;
    REQUIRE(log.append(stream, partition, records));
  }
}

Result<Content> content(LogReader& log) {
  Content out;
  for (const auto& config : log.streams()) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      auto& records = out[{config.stream, p}];
      while (true) {
        auto bite = log.read(config.stream, p, records.size(), 100, 1 << 20);
        if (!bite) return fail(bite.error());
        if (bite->empty()) break;
        records.insert(records.end(), bite->begin(), bite->end());
      }
      if (log.end(config.stream, p).value_or(~Offset{0}) != records.size())
        return fail(ErrorClass::unavailable, "short", "", "the end is not where reading ends");
    }
  }
  return out;
}

Result<Content> content_of(const fs::path& directory, bool read_only) {
  if (read_only) {
    auto log = EmbeddedLogReader::open(directory);
    if (!log) return fail(log.error());
    return content(**log);
  }
  auto log = EmbeddedLog::open(directory, two_streams());
  if (!log) return fail(log.error());
  return content(**log);
}

bool is_prefix(const Content& part, const Content& whole) {
  for (const auto& [place, records] : part) {
    const auto& all = whole.at(place);
    if (records.size() > all.size()) return false;
    if (!std::equal(records.begin(), records.end(), all.begin())) return false;
  }
  return true;
}

bool is_whole(const Result<Content>& found, const Content& whole) {
  return found && *found == whole;
}

std::size_t count(const Content& content) {
  std::size_t out = 0;
  for (const auto& [place, records] : content) out += records.size();
  return out;
}

fs::path only_file(const fs::path& directory, const std::string& extension) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != extension || entry.file_size() == 0) continue;
    REQUIRE(found.empty());
    found = entry.path();
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

void crashed_log(const fs::path& directory, int appends, Content& whole) {
  const test::TempDir live;
  std::mt19937_64 random(test::seed("damage_test"));
  auto log = EmbeddedLog::open(live / "log", two_streams());
  REQUIRE(log);
  fill(**log, appends, random);
  whole = *content(**log);
  fs::copy(live / "log", directory, fs::copy_options::recursive);
}

std::vector<std::pair<fs::path, std::string>> snapshot(const fs::path& directory) {
  std::vector<std::pair<fs::path, std::string>> out;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    out.emplace_back(entry.path(), bytes_of(entry.path()));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace fl::log::damage
