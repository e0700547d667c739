#include "core/activity/conversations.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::ConversationRow;
using activity::Verdict;

namespace {

pb::MessageSent message(const char* id, const char* from, const char* to) {
  pb::MessageSent body;
  body.set_message(named<MessageId>(id).raw());
  body.set_conversation(conversation_of(account(from), account(to)).raw());
  body.set_to(account(to).raw());
  *body.mutable_text() = sealed(id);
  return body;
}

}  // namespace

TEST_CASE("each message is unread by the other until it answers") {
  std::optional<ConversationRow> row;
  struct Row {
    const char *id, *from, *to;
    std::uint64_t unread_fan, unread_creator;
  };
  std::uint64_t offset = 10;
  for (const auto& step : {Row{"1", "fan", "creator", 0, 1}, Row{"2", "fan", "creator", 0, 2},
                           Row{"3", "creator", "fan", 1, 0}, Row{"4", "creator", "fan", 2, 0},
                           Row{"5", "fan", "creator", 0, 1}}) {
    CAPTURE(step.id);
    CHECK(fold(row, false, act(++offset, step.from), message(step.id, step.from, step.to)) ==
          Verdict::applied);
    CHECK(row->member(account("fan"))->unread == step.unread_fan);
    CHECK(row->member(account("creator"))->unread == step.unread_creator);
    CHECK(row->last == named<MessageId>(step.id));
    CHECK(row->last_offset == offset);
  }
  CHECK(row->members[0].account == account("fan"));
  CHECK(row->members[0].sent == 3);
  CHECK(row->members[1].sent == 2);
  CHECK(row->member(account("outsider")) == nullptr);
  CHECK(activity::decode_conversation(encode(*row)) == row);
}

TEST_CASE("nobody writes in a conversation of others, to oneself, or twice the same") {
  std::optional<ConversationRow> row;
  auto intruding = message("1", "fan", "creator");
  CHECK(fold(row, false, act(1, "outsider"), intruding) == Verdict::foreign);
  CHECK(fold(row, false, act(1, "fan"), message("1", "fan", "fan")) == Verdict::malformed);
  CHECK(fold(row, false, act(1, ""), message("1", "fan", "creator")) == Verdict::malformed);
  CHECK_FALSE(row);
  CHECK(fold(row, false, act(1, "fan"), message("1", "fan", "creator")) == Verdict::applied);
  CHECK(fold(row, true, act(2, "fan"), message("1", "fan", "creator")) == Verdict::repeated);
  CHECK(row->members[0].sent == 1);
}

TEST_CASE("the time of a conversation does not go back when a node's clock does") {
  std::optional<ConversationRow> row;
  auto late = act(1, "fan");
  late.time_ms = 9'000;
  auto early = act(2, "creator");
  early.time_ms = 5'000;
  CHECK(fold(row, false, late, message("1", "fan", "creator")) == Verdict::applied);
  CHECK(fold(row, false, early, message("2", "creator", "fan")) == Verdict::applied);
  CHECK(row->last_ms == 9'000);
}

TEST_CASE("a message's row is read as it was written, and nothing else is") {
  const auto row = activity::message_of(act(4, "fan"), message("1", "fan", "creator"));
  CHECK(row.offset == 4);
  CHECK(activity::decode_message(encode(row)) == row);
  CHECK_FALSE(activity::decode_message(encode(row) + "x"));
}
