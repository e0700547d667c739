#pragma once

#include <deque>
#include <string>
#include <vector>

#include "cli/http_client.hpp"
#include "core/ledger/replica.hpp"
#include "tests/cli/program_run.hpp"

namespace fl::test {

/// The platform behind its HTTP interface, in this process: it decides by the real rules on a state
/// that begins with a genesis, and answers as the contract says.
class FakePlatform {
 public:
  FakePlatform();

  AccountId open_account(const std::string& name, pb::Role role);
  const ledger::State& state() const { return replica_.state(); }
  ProgramRun::Connect connect();

  /// What happens to the next requests, one each, before all goes well.
  enum class Trouble { none, unreachable, busy, answer_lost };
  std::deque<Trouble> troubles;
  /// Answered in place of everything, when set.
  std::string answer_with;

  std::vector<cli::HttpRequest> requests;
  std::vector<std::string> posted_commands() const;

  Result<cli::HttpResponse> send(const cli::HttpRequest& request);

 private:
  cli::HttpResponse answer(const cli::HttpRequest& request);
  cli::HttpResponse take_command(const std::string& body);

  ledger::Replica replica_;
  Instant time_ = kTestNow;
};

}  // namespace fl::test
