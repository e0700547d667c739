#include "tests/log/remote_share.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <sstream>

namespace fl::log {

namespace {

Status outcome(const std::string& answer) {
  if (answer == "done") return {};
  return fail(ErrorClass::conflict, answer, "", answer);
}

std::string commit_line(const Held& held, Offset next) {
  return fmt::format("commit {} {} {} {}", static_cast<int>(held.stream), held.partition,
                     held.generation, next);
}

}  // namespace

RemoteShare::RemoteShare(const KafkaOptions& options, std::string_view group,
                         const std::vector<Stream>& streams) {
  std::vector<std::string> words = {SHARE_CHILD, options.bootstrap, options.prefix,
                                    std::string(group)};
  for (const auto stream : streams) words.push_back(std::to_string(static_cast<int>(stream)));
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> in{}, out{};
  REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  REQUIRE(::posix_spawn(&child_, words.front().c_str(), &actions, nullptr, arguments.data(),
                        environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
}

void RemoteShare::say(const std::string& line) const {
  REQUIRE(std::fputs((line + "\n").c_str(), to_) >= 0);
  REQUIRE(std::fflush(to_) == 0);
}

std::string RemoteShare::hear() const {
  std::array<char, 4096> line{};
  REQUIRE(std::fgets(line.data(), line.size(), from_) != nullptr);
  std::string out(line.data());
  out.pop_back();
  return out;
}

std::vector<Held> RemoteShare::assigned() const {
  const std::lock_guard lock(mutex_);
  if (child_ < 0) return {};
  say("assigned");
  std::istringstream line(hear());
  std::vector<Held> out;
  Held held;
  for (int stream = 0; line >> stream >> held.partition >> held.generation; out.push_back(held))
    held.stream = static_cast<Stream>(stream);
  return out;
}

bool RemoteShare::holds(const Held& held) const {
  const auto all = assigned();
  return std::find(all.begin(), all.end(), held) != all.end();
}

Result<std::optional<Offset>> RemoteShare::committed(Stream, PartitionIndex) {
  return fail(ErrorClass::unavailable, "not_here", "", "The others are asked.");
}

Status RemoteShare::commit(const Held& held, Offset next) {
  const std::lock_guard lock(mutex_);
  say(commit_line(held, next));
  return outcome(hear());
}

void RemoteShare::put_to_sleep() {
  REQUIRE(::kill(child_, SIGSTOP) == 0);
}

Status RemoteShare::commit_on_waking(const Held& held, Offset next) {
  const std::lock_guard lock(mutex_);
  say(commit_line(held, next));
  REQUIRE(::kill(child_, SIGCONT) == 0);
  return outcome(hear());
}

void RemoteShare::kill() {
  end(SIGKILL);
}

void RemoteShare::stop() {
  end(0);
}

void RemoteShare::end(int signal) {
  const std::lock_guard lock(mutex_);
  if (child_ < 0) return;
  if (signal) ::kill(child_, signal);
  ::kill(child_, SIGCONT);
  std::fclose(to_);  // the end of its commands: it leaves
  ::waitpid(child_, nullptr, 0);
  std::fclose(from_);
  child_ = -1;
}

}  // namespace fl::log
