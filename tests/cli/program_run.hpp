#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/program.hpp"

namespace fl::test {

struct Ran {
  int exit = -1;
  std::string out;
  std::string err;
};

inline const Instant kTestNow{1'770'000'100'000};

/// Runs the whole program in this process, against a platform that `connect` makes (none: nobody
/// answers). Pauses take no time and are noted.
class ProgramRun {
 public:
  using Connect = decltype(cli::Environment::connect);
  explicit ProgramRun(Connect connect = {}) : connect_(std::move(connect)) {}

  std::vector<std::chrono::milliseconds> pauses;
  Instant now = kTestNow;

  Ran operator()(std::vector<std::string> arguments) {
    std::ostringstream out, err;
    cli::Environment env{out,
                         err,
                         false,
                         connect_,
                         [this] { return now; },
                         [this](std::chrono::milliseconds pause) { pauses.push_back(pause); }};
    if (!env.connect) {
      env.connect = [](const std::string&, std::chrono::milliseconds) {
        return Result<std::unique_ptr<cli::HttpClient>>(
            fail(ErrorClass::unavailable, "unreachable", "api", "Nobody is there."));
      };
    }
    const auto code = cli::run(std::move(arguments), env);
    return {static_cast<int>(code), out.str(), err.str()};
  }

 private:
  Connect connect_;
};

}  // namespace fl::test
