#include "tests/log/crash_oracle.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "core/base/sha256.hpp"

namespace fl::log::crash {

namespace {

std::string short_digest(std::string_view bytes) {
  return to_hex(sha256(bytes).view().substr(0, 8));
}

}  // namespace

std::vector<StreamConfig> streams() {
  return {{Stream::ledger, 1, false}, {Stream::activity, 3, false}, {Stream::secrets, 1, true}};
}

std::pair<Stream, PartitionIndex> place_of(std::uint64_t random) {
  const auto n = random % 8;
  if (n < 4) return {Stream::ledger, 0};
  if (n < 7) return {Stream::activity, static_cast<PartitionIndex>(n - 4)};
  return {Stream::secrets, 0};
}

NewRecord make_record(Stream stream, std::mt19937_64& random) {
  const std::size_t size = random() % 16 == 0 ? random() % 100'000 : random() % 400;
  std::string content(size, '\0');
  for (auto& byte : content) byte = static_cast<char>(random());
  const auto key =
      stream == Stream::secrets ? "key" + std::to_string(random() % 10) : std::string();
  return {key, short_digest(content) + content};
}

std::string acknowledged_line(const Position& first, const std::vector<NewRecord>& records) {
  auto line =
      fmt::format("ack {} {} {}", static_cast<int>(first.stream), first.partition, first.offset);
  for (const auto& record : records) line += " " + short_digest(record.value);
  return line + "\n";
}

Child::Child(const std::filesystem::path& directory, std::uint64_t seed, int threads, int appends,
             std::map<std::string, std::string> environment) {
  std::vector<std::string> arguments = {LOG_CHILD, directory.string(), std::to_string(seed),
                                        std::to_string(threads), std::to_string(appends)};
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  for (char** each = environ; *each; ++each) variables.emplace_back(*each);
  std::vector<char*> argv, envp;
  for (auto& each : arguments) argv.push_back(each.data());
  for (auto& each : variables) envp.push_back(each.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  int ends[2];
  FL_ASSERT(pipe2(ends, O_CLOEXEC) == 0);
  pid_ = fork();
  FL_ASSERT(pid_ >= 0);
  if (pid_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execve(LOG_CHILD, argv.data(), envp.data());
    _exit(127);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  kill();
  if (pid_ > 0) wait();
  ::close(pipe_);
}

std::string Child::line() {
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      auto out = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return out;
    }
    char bytes[4096];
    const auto n = ::read(pipe_, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return "";
    buffer_.append(bytes, static_cast<std::size_t>(n));
  }
}

void Child::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

int Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void Oracle::hear(const std::string& line) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "refused") {
    std::string code;
    words >> code;
    refusals_.push_back(code);
    return;
  }
  if (kind != "ack") {
    other_.push_back(line);
    return;
  }
  int stream = 0;
  Position at;
  words >> stream >> at.partition >> at.offset;
  at.stream = static_cast<Stream>(stream);
  for (std::string digest; words >> digest; ++at.offset) {
    CHECK_MESSAGE(!values_.contains(at), to_string(at));  // no offset is given twice
    values_[at] = digest;
  }
}

bool Oracle::said(const std::string& line) const {
  return std::find(other_.begin(), other_.end(), line) != other_.end();
}

std::size_t Oracle::check(LogReader& log) const {
  std::map<Position, std::string> found;
  std::map<std::string, Offset> latest;  // of a key on the compacted stream
  for (const auto& config : log.streams()) {
    for (PartitionIndex partition = 0; partition < config.partitions; ++partition) {
      for (Offset next = 0;;) {
        const auto bite = log.read(config.stream, partition, next, 500, 1 << 20);
        REQUIRE_MESSAGE(bite, (bite ? "" : bite.error().message));
        if (bite->empty()) break;
        for (const auto& record : *bite) {
          if (!config.compacted) CHECK(record.offset == next);
          next = record.offset + 1;
          CHECK(record.value.substr(0, 16) == short_digest(record.value.substr(16)));
          found[{config.stream, partition, record.offset}] = short_digest(record.value);
          if (config.compacted) {
            CHECK_FALSE(latest.contains(record.key));
            latest[record.key] = record.offset;
          }
        }
      }
      // (on a compacted stream an acknowledged record may have been replaced)
      if (!config.compacted) {
        Position last{config.stream, partition, *log.end(config.stream, partition)};
        CHECK(values_.lower_bound(last) == values_.lower_bound({config.stream, partition + 1, 0}));
      }
    }
  }
  for (const auto& [at, digest] : values_) {
    const auto there = found.find(at);
    if (at.stream == Stream::secrets && there == found.end()) continue;
    CHECK_MESSAGE(there != found.end(), to_string(at));
    if (there != found.end()) CHECK_MESSAGE(there->second == digest, to_string(at));
  }
  return found.size();
}

}  // namespace fl::log::crash
