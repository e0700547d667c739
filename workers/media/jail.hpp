#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace fl::media {

struct JailLimits {
  /// What the program may cost is its processor time. The wall is for one that sleeps, or that the
  /// machine has no time for: at least as long, so that whoever gets one processor spends the cost.
  std::chrono::milliseconds wall{60'000};
  std::uint32_t cpu_seconds = 60;
  std::uint64_t memory_bytes = 2ULL << 30;    ///< address space of the one process in the jail
  std::uint64_t file_bytes = 64ULL << 20;     ///< of each file written
  std::uint64_t output_bytes = 256ULL << 20;  ///< of all files in /out, looked at 4 times a second
  std::uint32_t threads = 128;                ///< not held against root, by the kernel's rule
  std::uint32_t open_files = 64;
  std::size_t stdout_bytes = 1U << 20;   ///< more of it ends the program; not counted with on_line
  std::size_t stderr_bytes = 16U << 10;  ///< the last so many are kept
};

struct JailTask {
  std::vector<std::string> arguments;  ///< the first is the program, an absolute path below /usr
  std::string input;                   ///< a file outside, seen as /in/source; none when empty
  std::string output;                  ///< a folder outside, seen as /out; none when empty
  JailLimits limits;
  /// When set, stdout comes here, line by line (lines above 4 KiB are dropped), and is not kept.
  std::function<void(std::string_view)> on_line;
};

/// How it ended: by itself, by what it cost (`cpu_limit`, `stdout_limit`, `output_limit`), or by
/// what it cannot help: `deadline` before its processor time was spent, `killed` by the system (its
/// memory was short) or by hand, `cancelled` by us.
enum class JailEnd { exited, cpu_limit, stdout_limit, output_limit, deadline, killed, cancelled };
const char* to_string(JailEnd end);

struct JailOutcome {
  JailEnd end = JailEnd::exited;
  int exit_code = -1;  ///< of a program that exited; 128 + signal when one killed it
  std::string out;
  std::string errors;  ///< the tail of stderr
  std::uint64_t network_namespace = 0;
  bool succeeded() const { return end == JailEnd::exited && exit_code == 0; }
};

/// Runs one program where it sees a read-only /usr, one input file and one output folder, and
/// nothing else: no network, no other process, no environment, no capability; one process under
/// hard limits. Thread-safe; `run` blocks its thread, and when it returns nothing of the program
/// lives. There is no way to run a program outside.
///
/// What the program leaves in the output folder is as untrusted as its input: open it with
/// blobs::open_plain_file (or put_file) alone, which follow no link.
class Jail {
 public:
  explicit Jail(std::string launcher = "/usr/bin/bwrap") : launcher_(std::move(launcher)) {}

  /// Error: unavailable `jail_unavailable` when the jail or the program cannot be started.
  Result<JailOutcome> run(const JailTask& task, std::stop_token stop = {}) const;

  /// To be asked at start, before any work is taken: shows that a program inside reads its input,
  /// and that it finds no network and nothing of the outside, and can write to nothing but /out.
  Status self_check() const;

 private:
  std::vector<std::string> command_line(const JailTask& task) const;
  std::string launcher_;
};

}  // namespace fl::media
