#include "workers/media/jail.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/assert.hpp"
#include "core/blobs/file_descriptor.hpp"
#include "workers/media/jail_cpu.hpp"
#include "workers/media/jail_process.hpp"

namespace fl::media {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using blobs::FileDescriptor;

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxStatus = 4096;
constexpr auto kLookEvery = std::chrono::milliseconds(250);
constexpr auto kDeathWithin = std::chrono::seconds(10);

/// What the jail has written so far. The program may change the folder meanwhile: what cannot be
/// looked at counts nothing, and is looked at again.
std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t total = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    total += 4096;
    std::error_code ignored;
    if (it->symlink_status(ignored).type() != fs::file_type::regular) continue;
    const auto size = it->file_size(ignored);
    if (!ignored) total += size;
  }
  return total;
}

/// The launcher's reports: JSON objects, one a line. An exit code is among them only if the program
/// was really started inside.
struct Report {
  std::optional<int> exit_code;
  pid_t first_process = 0;  ///< the jail's, by its number out here; the program is its child
  std::uint64_t network_namespace = 0;
};
Report read_report(std::string_view text) {
  Report report;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    if (json.contains("exit-code") && json["exit-code"].is_number_integer()) {
      report.exit_code = json["exit-code"].get<int>();
    }
    if (json.contains("child-pid") && json["child-pid"].is_number_integer()) {
      report.first_process = json["child-pid"].get<pid_t>();
    }
    if (json.contains("net-namespace") && json["net-namespace"].is_number_unsigned()) {
      report.network_namespace = json["net-namespace"].get<std::uint64_t>();
    }
  }
  return report;
}

/// One watch over one started jail: pumps its pipes and ends it when a limit is reached.
class Watch {
 public:
  Watch(const JailTask& task, JailProcess process)
      : task_(task), process_(std::move(process)), deadline_(Clock::now() + task.limits.wall) {}

  /// True when the jail is gone.
  bool until_gone(int cancelled) {
    std::array<pollfd, 5> fds{{{process_.out(), POLLIN, 0},
                               {process_.errors(), POLLIN, 0},
                               {process_.status(), POLLIN, 0},
                               {process_.alive(), POLLIN, 0},
                               {cancelled, POLLIN, 0}}};
    auto look_next = Clock::now() + kLookEvery;
    while (fds[0].fd >= 0 || fds[1].fd >= 0 || fds[2].fd >= 0 || fds[3].fd >= 0) {
      const auto now = Clock::now();
      if (now >= deadline_) {
        if (killed_) return false;
        end(JailEnd::deadline);
      }
      if (now >= look_next) {
        look_next = now + kLookEvery;
        if (fds[3].fd >= 0) measure();
        if (!task_.output.empty() && bytes_in(task_.output) > task_.limits.output_bytes) {
          end(JailEnd::output_limit);
        }
      }
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
          std::min<Clock::duration>(std::min(deadline_, look_next) - now, kLookEvery));
      if (::poll(fds.data(), fds.size(), static_cast<int>(std::max<long>(wait.count(), 0))) < 0 &&
          errno != EINTR) {
        return false;
      }
      if (fds[4].revents != 0) {
        end(JailEnd::cancelled);
        fds[4].fd = -1;
      }
      for (std::size_t i = 0; i < 4; ++i) {
        if (fds[i].fd >= 0 && fds[i].revents != 0 && !pump(fds[i].fd, i)) fds[i].fd = -1;
      }
    }
    return true;
  }

  /// Whether a kill that we did not order was that of the limit of processor time. The kernel kills
  /// between two looks: half of the limit seen is more than a machine gives in that time.
  bool spent_its_time() const {
    return 2 * cpu_used_ >= std::chrono::seconds(task_.limits.cpu_seconds);
  }

  JailOutcome outcome;
  std::string status;

 private:
  void measure() {
    if (first_process_ == 0) first_process_ = read_report(status).first_process;
    if (first_process_ != 0) cpu_used_ = std::max(cpu_used_, cpu_time_of_child(first_process_));
  }

  void end(JailEnd why) {
    if (killed_) return;
    killed_ = true;
    outcome.end = why;
    deadline_ = Clock::now() + kDeathWithin;
    process_.kill();
  }

  /// False at the end of the pipe.
  bool pump(int fd, std::size_t which) {
    std::array<char, 16384> buffer;
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    if (which == 0) take_output(bytes);
    if (which == 1) keep_tail(bytes);
    if (which == 2)
      status.append(bytes.substr(0, kMaxStatus - std::min(kMaxStatus, status.size())));
    return true;
  }

  void take_output(std::string_view bytes) {
    if (!task_.on_line) {
      const auto room = task_.limits.stdout_bytes - outcome.out.size();
      outcome.out.append(bytes.substr(0, room));
      if (bytes.size() > room) end(JailEnd::stdout_limit);
      return;
    }
    for (const char c : bytes) {
      if (c != '\n') {
        if (line_.size() <= kMaxLine) line_.push_back(c);
        continue;
      }
      if (line_.size() <= kMaxLine) task_.on_line(line_);
      line_.clear();
    }
  }

  void keep_tail(std::string_view bytes) {
    outcome.errors.append(bytes);
    const auto limit = task_.limits.stderr_bytes;
    if (outcome.errors.size() > limit) outcome.errors.erase(0, outcome.errors.size() - limit);
  }

  const JailTask& task_;
  JailProcess process_;
  Clock::time_point deadline_;
  bool killed_ = false;
  pid_t first_process_ = 0;
  std::chrono::nanoseconds cpu_used_{0};
  std::string line_;
};

Failure unavailable(std::string_view why) {
  return fail(ErrorClass::unavailable, "jail_unavailable", "",
              fmt::format("The jail cannot be started: {}.", why));
}

}  // namespace

const char* to_string(JailEnd end) {
  switch (end) {
    case JailEnd::exited:
      return "exited";
    case JailEnd::cpu_limit:
      return "cpu_limit";
    case JailEnd::stdout_limit:
      return "stdout_limit";
    case JailEnd::output_limit:
      return "output_limit";
    case JailEnd::deadline:
      return "deadline";
    case JailEnd::killed:
      return "killed";
    case JailEnd::cancelled:
      return "cancelled";
  }
  return "?";
}

std::vector<std::string> Jail::command_line(const JailTask& task) const {
  std::vector<std::string> line = {
      launcher_, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session",
      "--cap-drop", "ALL", "--clearenv", "--uid", "65534", "--gid", "65534", "--hostname", "jail",
      "--json-status-fd", std::to_string(kStatusFd), "--sync-fd", std::to_string(kAliveFd),
      "--seccomp", std::to_string(kFilterFd), "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin",
      "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
      // Debian's libraries are found through these two, and by nothing else in /etc.
      "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try",
      "/etc/ld.so.cache", "/etc/ld.so.cache", "--dev", "/dev"};
  const auto add = [&line](std::initializer_list<std::string> more) {
    line.insert(line.end(), more);
  };
  if (!task.input.empty()) add({"--ro-bind", task.input, "/in/source"});
  if (!task.output.empty()) add({"--bind", task.output, "/out", "--chdir", "/out"});
  // Last: the jail's own root and /dev are in memory, and would take what is written to them.
  add({"--remount-ro", "/dev", "--remount-ro", "/", "--"});
  const auto& limits = task.limits;
  add({"/usr/bin/prlimit", fmt::format("--cpu={0}:{0}", limits.cpu_seconds),
       fmt::format("--as={0}:{0}", limits.memory_bytes),
       fmt::format("--fsize={0}:{0}", limits.file_bytes),
       fmt::format("--nproc={0}:{0}", limits.threads),
       fmt::format("--nofile={0}:{0}", limits.open_files), "--core=0:0", "--memlock=65536:65536",
       "--"});
  line.insert(line.end(), task.arguments.begin(), task.arguments.end());
  return line;
}

Result<JailOutcome> Jail::run(const JailTask& task, std::stop_token stop) const {
  FL_ASSERT(!task.arguments.empty() && task.arguments.front().starts_with("/usr/"));
  for (const char* program : {"/usr/bin/prlimit", task.arguments.front().c_str()}) {
    if (::access(program, X_OK) != 0) return unavailable(fmt::format("there is no {}", program));
  }
  const FileDescriptor cancelled(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!cancelled.valid()) return unavailable("eventfd");
  auto process = JailProcess::start(command_line(task));
  if (!process) return fail(process.error());
  Watch watch(task, std::move(*process));
  {
    const std::stop_callback on_stop(stop, [&cancelled] { ::eventfd_write(cancelled.get(), 1); });
    if (!watch.until_gone(cancelled.get())) return unavailable("it does not end when killed");
  }
  const Report report = read_report(watch.status);
  watch.outcome.network_namespace = report.network_namespace;
  if (watch.outcome.end != JailEnd::exited) return std::move(watch.outcome);
  if (!report.exit_code) {
    const auto& errors = watch.outcome.errors;
    return unavailable(errors.empty() ? "the launcher gave no report"
                                      : std::string_view(errors).substr(0, errors.find('\n')));
  }
  watch.outcome.exit_code = *report.exit_code;
  if (*report.exit_code == 128 + SIGKILL) {
    watch.outcome.end = watch.spent_its_time() ? JailEnd::cpu_limit : JailEnd::killed;
  }
  return std::move(watch.outcome);
}

}  // namespace fl::media
