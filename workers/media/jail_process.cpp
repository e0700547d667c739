#include "workers/media/jail_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "workers/media/syscall_filter.hpp"

namespace fl::media {
namespace {

using blobs::FileDescriptor;

Failure cannot_start(std::string_view what, int error_number) {
  return fail(ErrorClass::unavailable, "jail_unavailable", "",
              fmt::format("The jail cannot be started: {}: {}.", what,
                          std::generic_category().message(error_number)));
}

struct Pipe {
  FileDescriptor ours;
  FileDescriptor theirs;
};

/// Their end gets a number above those that it is later copied to, so that no copy overwrites one.
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot_start("pipe", errno);
  Pipe made{FileDescriptor(ends[0]), {}};
  const FileDescriptor low(ends[1]);
  made.theirs = FileDescriptor(::fcntl(low.get(), F_DUPFD_CLOEXEC, 16));
  if (!made.theirs.valid() || ::fcntl(made.ours.get(), F_SETFL, O_NONBLOCK) != 0) {
    return cannot_start("pipe", errno);
  }
  return made;
}

/// What happens in the child between fork and exec.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    // A group of its own, to be killed as one; signals as a new program expects them.
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(const FileDescriptor& ours, int as) {
    ::posix_spawn_file_actions_adddup2(&actions_, ours.get(), as);
  }
  int run(pid_t& pid, const std::vector<std::string>& command_line) {
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kFilterFd + 1);
    std::vector<char*> arguments;
    for (const auto& argument : command_line) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    char* no_environment[] = {nullptr};
    return ::posix_spawn(&pid, arguments[0], &actions_, &attributes_, arguments.data(),
                         no_environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<JailProcess> JailProcess::start(const std::vector<std::string>& command_line) {
  auto filter_low = make_syscall_filter();
  if (!filter_low) return fail(filter_low.error());
  const FileDescriptor filter(::fcntl(filter_low->get(), F_DUPFD_CLOEXEC, 16));
  if (!filter.valid()) return cannot_start("filter", errno);
  auto out = make_pipe(), errors = make_pipe(), status = make_pipe(), alive = make_pipe();
  for (const auto* pipe : {&out, &errors, &status, &alive}) {
    if (!*pipe) return fail(pipe->error());
  }
  SpawnPlan plan;
  plan.give(out->theirs, 1);
  plan.give(errors->theirs, 2);
  plan.give(status->theirs, kStatusFd);
  plan.give(alive->theirs, kAliveFd);
  plan.give(filter, kFilterFd);
  pid_t pid = -1;
  if (const int error = plan.run(pid, command_line); error != 0) {
    return cannot_start(command_line.front(), error);
  }
  JailProcess process(pid);
  process.out_ = std::move(out->ours);
  process.errors_ = std::move(errors->ours);
  process.status_ = std::move(status->ours);
  process.alive_ = std::move(alive->ours);
  return process;
}

JailProcess::~JailProcess() {
  kill();
  wait();
}

void JailProcess::kill() const {
  // The launcher's death takes the jail's first process with it, and that one all others.
  if (pid_) ::kill(-*pid_, SIGKILL);
}

void JailProcess::wait() {
  if (!pid_) return;
  int ignored = 0;
  while (::waitpid(*pid_, &ignored, 0) < 0 && errno == EINTR) {
  }
  pid_.reset();
}

}  // namespace fl::media
