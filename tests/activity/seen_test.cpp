#include "core/activity/seen.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::SeenRow;
using activity::Verdict;

TEST_CASE("of an id the first event stands with the MAC of its request, whatever comes later") {
  std::optional<SeenRow> row;
  auto first = act(7, "fan");
  first.mac = std::string(32, 'm');
  CHECK(fold(row, first) == Verdict::applied);
  auto later = act(8, "fan");
  later.mac = std::string(32, 'n');
  CHECK(fold(row, later) == Verdict::repeated);
  CHECK(fold(row, first) == Verdict::repeated);
  CHECK(row == SeenRow{7, first.mac});
  CHECK(activity::decode_seen(encode(*row)) == row);
  CHECK_FALSE(activity::decode_seen("\x02" + encode(*row).substr(1)));
  CHECK_FALSE(activity::decode_seen(""));
}
