#include "core/base/time.hpp"

#include <doctest/doctest.h>

using namespace fl;

TEST_CASE("an instant is written and read in RFC 3339, UTC") {
  CHECK(to_rfc3339(Instant{0}) == "1970-01-01T00:00:00.000Z");
  for (std::int64_t ms : {0LL, 1LL, 951'782'400'000LL, 1'795'374'276'123LL}) {
    CHECK(from_rfc3339(to_rfc3339({ms})) == Instant{ms});
  }
  CHECK(from_rfc3339("2026-11-22T00:00:00Z") == Instant{1'795'305'600'000});
  for (const char* bad :
       {"", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22", "2026-11-22T24:00:00Z",
        "2026-11-22T00:00:00+01:00", "2026-11-22T00:00:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(from_rfc3339(bad));
  }
}
