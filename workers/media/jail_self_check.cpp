#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/blobs/file_descriptor.hpp"
#include "workers/media/jail.hpp"

namespace fl::media {
namespace {

namespace fs = std::filesystem;

Failure leaks(std::string_view what) {
  return fail(ErrorClass::unavailable, "jail_unavailable", "",
              fmt::format("The jail does not hold: {}.", what));
}

class CheckFolder {
 public:
  CheckFolder() {
    std::string name = (fs::temp_directory_path() / "fanledger-jail-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~CheckFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  CheckFolder(const CheckFolder&) = delete;
  CheckFolder& operator=(const CheckFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Listener {
  blobs::FileDescriptor socket;
  std::uint16_t port = 0;
};
Listener listen_on_loopback() {
  Listener made{
      blobs::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(made.socket.get(), generic, size) == 0 && ::listen(made.socket.get(), 1) == 0 &&
      ::getsockname(made.socket.get(), generic, &size) == 0) {
    made.port = ntohs(address.sin_port);
  }
  return made;
}

}  // namespace

Status Jail::self_check() const {
  const CheckFolder folder;
  if (folder.path().empty()) return leaks("there is no place for temporary files");
  const std::string source = folder.path() + "/source", beside = folder.path() + "/beside";
  const std::string out = folder.path() + "/out";
  std::ofstream(source) << "inside";
  std::ofstream(beside) << "outside";
  std::error_code error;
  if (!fs::create_directory(out, error)) return leaks("there is no place for its output");

  JailTask task;
  task.input = source;
  task.output = out;
  task.limits.wall = std::chrono::seconds(20);
  const auto attempt = [&](std::initializer_list<std::string> arguments) {
    task.arguments = arguments;
    return run(task);
  };

  const auto reads = attempt({"/usr/bin/cat", "/in/source"});
  if (!reads) return fail(reads.error());
  if (!reads->succeeded() || reads->out != "inside") return leaks("its input cannot be read");
  struct stat own {};
  if (::stat("/proc/self/ns/net", &own) != 0 || reads->network_namespace == 0 ||
      reads->network_namespace == own.st_ino) {
    return leaks("it shares the network");
  }
  for (const auto& path : {beside, std::string("/etc/passwd"), std::string("/proc/self/environ")}) {
    const auto seen = attempt({"/usr/bin/cat", path});
    if (!seen) return fail(seen.error());
    if (seen->exit_code == 0 || !seen->out.empty()) return leaks(path + " is seen inside");
  }
  for (const auto* path :
       {"/usr/fanledger", "/in/fanledger", "/in/source", "/fanledger", "/dev/shm/fanledger"}) {
    const auto written = attempt({"/usr/bin/touch", path});
    if (!written) return fail(written.error());
    if (written->exit_code == 0) return leaks(fmt::format("{} can be written", path));
  }
  const auto written = attempt({"/usr/bin/touch", "/out/written"});
  if (!written) return fail(written.error());
  if (!written->succeeded() || !fs::exists(out + "/written")) return leaks("/out is not writable");

  const auto listener = listen_on_loopback();
  if (listener.port == 0) return leaks("no socket to try it with");
  const auto dialled = attempt({"/usr/bin/ffmpeg", "-v", "error", "-f", "data", "-i",
                                fmt::format("tcp://127.0.0.1:{}?timeout=1000000", listener.port),
                                "-f", "null", "-"});
  if (!dialled) return fail(dialled.error());
  const blobs::FileDescriptor caller(::accept(listener.socket.get(), nullptr, nullptr));
  if (caller.valid() || dialled->succeeded()) return leaks("it reaches the loopback network");
  return {};
}

}  // namespace fl::media
