#include "api/nodes/waiting_commands.hpp"

#include <doctest/doctest.h>

using namespace fl;
using nodes::WaitingCommand;
using nodes::WaitingCommands;

namespace {

WaitingCommand due(int second) {
  return {"draft " + std::to_string(second), [](const owner::Outcome&) {},
          WaitingCommands::Deadline(std::chrono::seconds(second))};
}

std::vector<std::uint64_t> asked(WaitingCommands& commands) {
  std::vector<std::uint64_t> out;
  commands.ask_all([&](std::uint64_t id, const WaitingCommand&) { out.push_back(id); });
  return out;
}
using Ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a command is asked once, the oldest first, until it is to be asked again") {
  WaitingCommands commands;
  for (const int id : {3, 1, 2}) commands.add(static_cast<std::uint64_t>(id), due(id));
  CHECK(commands.asked(1) == nullptr);
  CHECK(asked(commands) == Ids{1, 2, 3});
  CHECK(asked(commands).empty());
  CHECK(commands.asked(1) != nullptr);
  commands.again(2, false);
  CHECK(commands.asked(2) == nullptr);
  CHECK(asked(commands) == Ids{2});
  CHECK_FALSE(commands.take(2).maybe_done);
  CHECK(commands.asked(2) == nullptr);
}

TEST_CASE("what was once maybe done stays so, and what was not asked is not lost with a link") {
  WaitingCommands commands;
  commands.add(1, due(1));
  commands.add(2, due(2));
  CHECK(asked(commands) == Ids{1, 2});
  commands.add(3, due(3));
  commands.again(2, true);
  commands.again(2, false);
  commands.lose_all();
  CHECK(asked(commands) == Ids{1, 2, 3});
  commands.again(1, false);
  CHECK(commands.take(1).maybe_done);
  CHECK(commands.take(2).maybe_done);
  CHECK_FALSE(commands.take(3).maybe_done);
}

TEST_CASE("the commands whose deadline has come are taken out, the earliest first") {
  WaitingCommands commands;
  CHECK_FALSE(commands.next_deadline());
  for (const int id : {5, 3, 9, 4}) commands.add(static_cast<std::uint64_t>(id), due(id));
  CHECK(asked(commands).size() == 4);
  const auto at = [](int second) {
    return WaitingCommands::Deadline(std::chrono::seconds(second));
  };
  CHECK(commands.next_deadline() == at(3));
  CHECK(commands.take_expired(at(2)).empty());
  const auto late = commands.take_expired(at(4));
  REQUIRE(late.size() == 2);
  CHECK(late[0].draft == "draft 3");
  CHECK(late[1].draft == "draft 4");
  CHECK(commands.next_deadline() == at(5));
  CHECK(commands.take_all().size() == 2);
  CHECK_FALSE(commands.next_deadline());
}
