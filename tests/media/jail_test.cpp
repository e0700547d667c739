#include "workers/media/jail.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/blobs/file_descriptor.hpp"
#include "core/blobs/storage.hpp"
#include "tests/support/temporary_directory.hpp"
#include "workers/media/jail_cpu.hpp"

using namespace fl;
using namespace fl::media;
namespace fs = std::filesystem;

namespace {

/// A folder with an input, a file beside it, and an output folder; programs in it are Perl, which
/// can make any system call without starting another program.
struct Cell {
  test::TemporaryDirectory folder;
  JailTask task;

  Cell() {
    std::ofstream(folder / "source") << "inside";
    std::ofstream(folder / "beside") << "outside";
    fs::create_directory(folder / "out");
    task.input = folder / "source";
    task.output = folder / "out";
    task.limits.wall = std::chrono::seconds(30);
  }
  JailOutcome perl(const std::string& script, std::stop_token stop = {}) {
    task.arguments = {"/usr/bin/perl", "-e", script};
    const auto outcome = Jail().run(task, stop);
    REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().message));
    return *outcome;
  }
};

const char* kPrintFile = "open(my $f, '<', $ARGV[0] // '{}') or die $!; print <$f>;";

}  // namespace

TEST_CASE("the jail holds on this machine, by its own check") {
  const auto status = Jail().self_check();
  CHECK_MESSAGE(status.has_value(), (status ? "" : status.error().message));
}

TEST_CASE("a jailed program reads its input, writes to its output, and its exit code comes back") {
  Cell cell;
  const auto outcome = cell.perl(
      "open(my $i,'<','/in/source') or die; open(my $o,'>','/out/copy') or die; print {$o} <$i>; "
      "print STDERR 'told'; exit 7");
  CHECK(outcome.end == JailEnd::exited);
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.errors == "told");
  CHECK(fs::file_size(cell.folder / "out/copy") == 6);
}

TEST_CASE("a jailed program sees nothing of the outside") {
  Cell cell;
  for (const auto& path :
       {std::string("/etc/passwd"), std::string("/etc/hostname"), cell.folder / "beside",
        std::string("/in/beside"), std::string("/proc/1/environ"), std::string("/sys/kernel"),
        std::string("/in/../etc/passwd"), fs::absolute("/tmp").string()}) {
    CAPTURE(path);
    const auto outcome = cell.perl(fmt::format(fmt::runtime(kPrintFile), path));
    CHECK(outcome.exit_code != 0);
    CHECK(outcome.out.empty());
  }
  CHECK(cell.perl("opendir(my $d,'/'); print join ' ', sort grep {!/^\\./} readdir $d").out ==
        "bin dev etc in lib lib64 out usr");
  ::setenv("FANLEDGER_TEST_SECRET", "s3cret", 1);
  CHECK(cell.perl("print join ' ', sort keys %ENV").out == "PWD");
  CHECK(cell.perl("print join ' ', grep { open(my $f, '<&=', $_) } 0..31").out == "0 1 2");
}

TEST_CASE("a jailed program writes nowhere but to its output, and cannot touch its input") {
  Cell cell;
  for (const char* path : {"/x", "/usr/x", "/usr/bin/perl", "/in/x", "/in/source", "/dev/x",
                           "/dev/shm/x", "/etc/x", "/tmp/x"}) {
    CAPTURE(path);
    CHECK(cell.perl(fmt::format("open(my $f, '>>', '{}') or exit 9", path)).exit_code == 9);
  }
  CHECK(cell.perl("unlink('/in/source') or exit 9").exit_code == 9);
  CHECK(cell.perl("chmod(0777, '/in/source') or exit 9").exit_code == 9);
}

TEST_CASE("a jailed program has no network, not even loopback") {
  Cell cell;
  const blobs::FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener.get(), 4) == 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto outcome =
      cell.perl(fmt::format("use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or exit 8; "
                            "connect($s, sockaddr_in({}, inet_aton('127.0.0.1'))) or exit 9;",
                            ntohs(address.sin_port)));
  CHECK(outcome.exit_code == 8);
  CHECK(::accept(listener.get(), nullptr, nullptr) == -1);
  CHECK(cell.perl("use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or exit 8").exit_code == 8);
  struct stat own {};
  REQUIRE(::stat("/proc/self/ns/net", &own) == 0);
  CHECK(outcome.network_namespace != 0);
  CHECK(outcome.network_namespace != own.st_ino);
}

TEST_CASE("a jailed program cannot start another one, nor gain rights") {
  Cell cell;
  CHECK(cell.perl("defined(fork) or exit 9").exit_code == 9);
  CHECK(cell.perl("my $x = `/usr/bin/true`; exit(defined $x ? 0 : 9)").exit_code == 9);
  CHECK(cell.perl("print \"$< $>\"").out == "65534 65534");
  // 272 unshare(user), 165 mount, 319 memfd_create, 101 ptrace: numbers of x86-64
#ifdef __x86_64__
  for (const char* call :
       {"272, 0x10000000", "165, 0, 0, 0, 0, 0", "319, 0, 0", "101, 0, 0, 0, 0", "425, 1, 0"}) {
    CAPTURE(call);
    CHECK(cell.perl(fmt::format("syscall({}) == -1 and $! == 1 and exit 9", call)).exit_code == 9);
  }
#endif
}

TEST_CASE("a jailed program that runs too long is killed at its deadline") {
  Cell cell;
  cell.task.limits.wall = std::chrono::milliseconds(300);
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = cell.perl("$| = 1; print 'begun'; sleep 600");
  CHECK(outcome.end == JailEnd::deadline);
  CHECK(outcome.out == "begun");
  CHECK_FALSE(outcome.succeeded());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
}

TEST_CASE("a jailed program that burns its processor time is killed for that, not for the time") {
  Cell cell;
  cell.task.limits.wall = std::chrono::minutes(5);
  cell.task.limits.cpu_seconds = 1;
  const auto outcome = cell.perl("1 while 1");
  CHECK(outcome.end == JailEnd::cpu_limit);
  CHECK(outcome.exit_code == 128 + SIGKILL);
  CHECK_FALSE(outcome.succeeded());
}

TEST_CASE("a jailed program that something else kills has not spent its processor time") {
  Cell cell;
  const auto outcome = cell.perl("$| = 1; print 'begun'; kill 9, $$; sleep 600");
  CHECK(outcome.end == JailEnd::killed);
  CHECK(outcome.out == "begun");
  CHECK_FALSE(outcome.succeeded());
}

TEST_CASE("the processor time of a child is told, and of no child is none") {
  CHECK(cpu_time_of_child(::getpid()).count() == 0);
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto begun = std::clock();
    while (std::clock() - begun < CLOCKS_PER_SEC / 5) {
    }
    static_cast<void>(::write(ready[1], "x", 1) + ::pause());
    ::_exit(0);
  }
  char byte = 0;
  CHECK(::read(ready[0], &byte, 1) == 1);
  const auto used = cpu_time_of_child(::getpid());
  CHECK(used >= std::chrono::milliseconds(200));
  CHECK(used < std::chrono::seconds(1));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (const int end : ready) ::close(end);
  CHECK(cpu_time_of_child(::getpid()).count() == 0);
}

TEST_CASE("a jailed program is killed when its work is cancelled, and at once if it was before") {
  Cell cell;
  std::stop_source stop;
  cell.task.on_line = [&](std::string_view line) {
    if (line == "begun") stop.request_stop();
  };
  CHECK(cell.perl("$| = 1; print \"begun\\n\"; sleep 600", stop.get_token()).end ==
        JailEnd::cancelled);
  CHECK(cell.perl("sleep 600", stop.get_token()).end == JailEnd::cancelled);
}

TEST_CASE("memory, file size, the size of all files, and open files are bounded") {
  Cell cell;
  cell.task.limits.memory_bytes = 400 << 20;
  CHECK(cell.perl("my $x = 'x' x (64 << 20); print length $x").out == std::to_string(64 << 20));
  CHECK(cell.perl("my $x = 'x' x (500 << 20); print length $x").exit_code != 0);

  cell.task.limits.file_bytes = 1 << 20;
  CHECK(cell.perl("$SIG{XFSZ}='IGNORE'; open(my $f,'>','/out/big'); $| = 1; "
                  "for (1..100) { syswrite($f, 'x' x (1 << 16)) or exit 9 }")
            .exit_code == 9);
  CHECK(fs::file_size(cell.folder / "out/big") == 1 << 20);

  cell.task.limits.output_bytes = 4 << 20;
  CHECK(cell.perl("for (1..1000) { open(my $f,'>',\"/out/$_\"); syswrite($f, 'x' x (1 << 16)) } "
                  "sleep 600")
            .end == JailEnd::output_limit);

  cell.task.limits.output_bytes = 1 << 30;
  CHECK(cell.perl("my @f; for (1..500) { open(my $f, '<', '/in/source') or exit 9; push @f, $f }")
            .exit_code == 9);
}

TEST_CASE("what a jailed program says is bounded") {
  Cell cell;
  cell.task.limits.stdout_bytes = 1000;
  const auto loud = cell.perl("print 'x' x 100000; sleep 600");
  CHECK(loud.end == JailEnd::stdout_limit);
  CHECK(loud.out.size() == 1000);
  cell.task.limits.stderr_bytes = 1000;
  const auto complaint = cell.perl("print STDERR 'x' x 100000, 'end'");
  CHECK(complaint.succeeded());
  CHECK(complaint.errors.size() == 1000);
  CHECK(complaint.errors.ends_with("xend"));
  std::vector<std::string> lines;
  cell.task.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  CHECK(cell.perl("print \"a=1\\n\", 'y' x 100000, \"\\nb=2\\nunended\"").succeeded());
  CHECK(lines == std::vector<std::string>{"a=1", "b=2"});
}

TEST_CASE("what no jail can be made for is refused as unavailable, and is never run") {
  Cell cell;
  cell.task.arguments = {"/usr/bin/touch", "/out/ran"};
  for (const char* launcher :
       {"/nonexistent/bwrap", "/usr/bin/false", "/usr/bin/true", "/usr/bin/env"}) {
    CAPTURE(launcher);
    const auto refused = Jail(launcher).run(cell.task);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorClass::unavailable);
    CHECK(refused.error().code == "jail_unavailable");
    CHECK_FALSE(Jail(launcher).self_check().has_value());
  }
  cell.task.input = cell.folder / "absent";
  CHECK(Jail().run(cell.task).error().code == "jail_unavailable");
  cell.task.input.clear();
  cell.task.arguments = {"/usr/bin/no-such-program"};
  CHECK(Jail().run(cell.task).error().code == "jail_unavailable");
  CHECK(fs::is_empty(cell.folder / "out"));
}

TEST_CASE("a file name that is a shell's command stays an argument [D22]") {
  Cell cell;
  for (const char* evil : {"\"; touch /out/x", "$(touch /out/x)", "`touch /out/x`", "a\nb", "-x"}) {
    CAPTURE(evil);
    cell.task.arguments = {"/usr/bin/printf", "%s", evil};
    CHECK(Jail().run(cell.task)->out == evil);
    const std::string named = cell.folder / evil;
    if (named.find("/out/") != std::string::npos) continue;  // cannot be a name
    std::ofstream(named) << "odd";
    cell.task.input = named;
    cell.task.arguments = {"/usr/bin/cat", "/in/source"};
    CHECK(Jail().run(cell.task)->out == "odd");
  }
  CHECK(fs::is_empty(cell.folder / "out"));
}

TEST_CASE("a link that a jailed program leaves does not lead to a file outside") {
  Cell cell;
  REQUIRE(cell.perl(fmt::format("symlink('{}', '/out/v.mp4') or exit 9", cell.folder / "beside"))
              .succeeded());
  CHECK(fs::exists(cell.folder / "out/v.mp4"));
  CHECK_FALSE(blobs::open_plain_file(cell.folder / "out/v.mp4").has_value());
}

TEST_CASE("jails run side by side, and nothing is left of them") {
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&good] {
      Cell cell;
      cell.task.arguments = {"/usr/bin/cat", "/in/source"};
      for (int i = 0; i < 5; ++i) {
        const auto outcome = Jail().run(cell.task);
        good += outcome && outcome->out == "inside";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 20);
}
