// A process to be killed or starved: opens the log in a directory, appends from several threads,
// and tells on its standard output, one line an append, what was acknowledged. Its parent is the
// oracle. Usage: log_child DIRECTORY SEED THREADS APPENDS
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "core/log/embedded_log.hpp"
#include "tests/log/crash_oracle.hpp"

namespace {

using namespace fl;
using namespace fl::log;

/// One write, so that a line is whole or absent.
void tell(const std::string& line) {
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(2);
}

void append_until_refused(EmbeddedLog& log, std::uint64_t seed, int appends) {
  std::mt19937_64 random(seed);
  int refusals = 0;
  for (int i = 0; i < appends && refusals < 3; ++i) {
    const auto [stream, partition] = crash::place_of(random());
    std::vector<NewRecord> records;
    for (std::uint64_t n = 1 + random() % 3; n > 0; --n)
      records.push_back(crash::make_record(stream, random));
    const auto first = log.append(stream, partition, records);
    if (first && refusals > 0) tell("resurrected\n");
    if (first) {
      tell(crash::acknowledged_line({stream, partition, *first}, records));
    } else {
      ++refusals;
      tell(fmt::format("refused {}\n", first.error().code));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  const auto seed = std::strtoull(argv[2], nullptr, 10);
  const int threads = std::atoi(argv[3]), appends = std::atoi(argv[4]);
  EmbeddedLog::Options options;
  options.memtable_bytes = 256 * 1024;  // so that flushes are hit too
  options.wal_bytes = 1024 * 1024;
  auto log = EmbeddedLog::open(argv[1], crash::streams(), options);
  if (!log) {
    tell(fmt::format("closed {}\n", log.error().code));
    return 1;
  }
  tell("open\n");
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t)
    workers.emplace_back([&, t] { append_until_refused(**log, seed * 100 + t, appends); });
  for (auto& worker : workers) worker.join();
  tell((*log)->read(Stream::ledger, 0, 0, 10, 1 << 20) ? "readable\n" : "unreadable\n");
  return (*log)->close() ? 0 : 1;
}
