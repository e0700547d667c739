#include "projections/position_token.hpp"

#include <doctest/doctest.h>

using fl::log::Stream;
using fl::projections::PositionToken;

TEST_CASE("a position is written and read in one spelling") {
  for (const char* text : {"L0", "L12", "L12.A0-5.A3-9", "A7-1", "L18446744073709551615"}) {
    const auto token = PositionToken::parse(text);
    CAPTURE(text);
    REQUIRE(token);
    CHECK(token->str() == text);
  }
  const auto token = *PositionToken::parse("L12.A0-5.A3-9");
  CHECK(token.next(Stream::ledger, 0) == 12);
  CHECK(token.next(Stream::activity, 3) == 9);
  CHECK(token.next(Stream::activity, 1) == 0);
}

TEST_CASE("a position that this service did not write is refused [D28]") {
  const std::string endless(5000, '1');
  for (const std::string& text : {std::string(""),
                                  std::string("L"),
                                  std::string("l1"),
                                  std::string("L01"),
                                  std::string("L-1"),
                                  std::string("L+1"),
                                  std::string("L1."),
                                  std::string(".L1"),
                                  std::string("L1.L2"),
                                  std::string("A0-1.L1"),
                                  std::string("A1-1.A0-1"),
                                  std::string("A0-1.A0-2"),
                                  std::string("L0.A0-1"),
                                  std::string("A0-0"),
                                  std::string("A0"),
                                  std::string("A-1"),
                                  std::string("A00-1"),
                                  std::string("A4294967296-1"),
                                  std::string("L18446744073709551616"),
                                  std::string("L1 "),
                                  std::string("J0-1"),
                                  "L" + endless}) {
    CAPTURE(text);
    const auto token = PositionToken::parse(text);
    REQUIRE_FALSE(token);
    CHECK(token.error().code == "position_invalid");
  }
}

TEST_CASE("a position covers another when it is at least as far in each partition") {
  struct Row {
    const char *less, *more;
    bool covered;
  };
  for (const auto& row :
       {Row{"L0", "L0", true}, Row{"L0", "L5.A1-2", true}, Row{"L5", "L5", true},
        Row{"L6", "L5", false}, Row{"L5.A1-2", "L5", false}, Row{"L5.A1-2", "L5.A1-3", true},
        Row{"A1-2", "L9.A0-9", false}, Row{"L4.A0-9", "L9.A0-8", false}}) {
    CAPTURE(row.less);
    CAPTURE(row.more);
    CHECK(PositionToken::parse(row.less)->covered_by(*PositionToken::parse(row.more)) ==
          row.covered);
  }
  auto merged = *PositionToken::parse("L5.A1-2");
  merged.merge(*PositionToken::parse("L3.A0-7.A1-4"));
  CHECK(merged.str() == "L5.A0-7.A1-4");
  CHECK(PositionToken::just_after({Stream::activity, 2, 6}).str() == "A2-7");
}
