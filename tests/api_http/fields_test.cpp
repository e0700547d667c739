#include "api/http/fields.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "api/http/json_reader.hpp"
#include "api/http/utf8.hpp"

using namespace fl;
using namespace fl::http;

TEST_CASE("JSON that is not strict is refused by what is wrong with it") {
  const std::string deep_16 = std::string(16, '[') + std::string(16, ']');
  struct Row {
    std::string text, code;  // empty: accepted
  };
  const Row rows[] = {
      {R"({"a":[1,{"b":null}]})", ""},
      {R"("text")", ""},
      {"", "json_malformed"},
      {"{", "json_malformed"},
      {"{} {}", "json_malformed"},
      {"{'a':1}", "json_malformed"},
      {R"({"a":1,})", "json_malformed"},
      {"[NaN]", "json_malformed"},
      {"[01]", "json_malformed"},
      {"[1e999]", "json_malformed"},
      {"[1] // comment", "json_malformed"},
      {"\"\xff\"", "json_malformed"},
      {"\"\xc0\x80\"", "json_malformed"},
      {"\"\xed\xa0\x80\"", "json_malformed"},
      {R"("\ud800")", "json_malformed"},
      {R"({"a":1,"a":2})", "json_duplicate_key"},
      {R"({"a":{"b":1,"\u0062":2}})", "json_duplicate_key"},
      {deep_16, ""},
      {"[" + deep_16 + "]", "json_too_deep"},
      {std::string(100'000, '['), "json_too_deep"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text.substr(0, 60));
    const auto json = parse_json(row.text, 16);
    CHECK((json ? "" : json.error().code) == row.code);
  }
  CHECK(parse_json(R"({"a":[1,{"b":[]}],"c":"d"})").value().dump() ==
        R"({"a":[1,{"b":[]}],"c":"d"})");
}

TEST_CASE("fields are refused by name and rule") {
  struct Row {
    std::string json;
    std::string code, field;  // empty: accepted
  };
  const std::string good =
      R"("s":"abc","n":5,"b":true,"l":["x"],"m":{"amount":1,"currency":"USD"})";
  const Row rows[] = {
      {"{" + good + "}", "", ""},
      {"{" + good + R"(,"o":"opt"})", "", ""},
      {"{" + good + R"(,"o":null})", "", ""},
      {"{" + good + R"(,"z":1})", "field_unknown", "z"},
      {"[]", "body_not_an_object", ""},
      {R"({})", "field_missing", "s"},
      {R"({"s":null})", "field_missing", "s"},
      {R"({"s":5})", "field_wrong_type", "s"},
      {R"({"s":"a"})", "field_too_short", "s"},
      {R"({"s":"abcdef"})", "field_too_long", "s"},
      {R"({"s":"äöüßé","n":"5"})", "field_wrong_type", "n"},
      {R"({"s":"a\u0000b"})", "field_bad_character", "s"},
      {R"({"s":"abc","n":5.0})", "field_wrong_type", "n"},
      {R"({"s":"abc","n":-1})", "field_out_of_range", "n"},
      {R"({"s":"abc","n":11})", "field_out_of_range", "n"},
      {R"({"s":"abc","n":9223372036854775808})", "field_wrong_type", "n"},
      {R"({"s":"abc","n":99999999999999999999})", "field_wrong_type", "n"},
      {R"({"s":"abc","n":true})", "field_wrong_type", "n"},
      {R"({"s":"abc","n":5,"b":1})", "field_wrong_type", "b"},
      {R"({"s":"abc","n":5,"b":false,"l":"x"})", "field_wrong_type", "l"},
      {R"({"s":"abc","n":5,"b":false,"l":[]})", "field_too_short", "l"},
      {R"({"s":"abc","n":5,"b":false,"l":["a","b","c"]})", "field_too_long", "l"},
      {R"({"s":"abc","n":5,"b":false,"l":["a",2]})", "field_wrong_type", "l[1]"},
      {R"({"s":"abc","n":5,"b":false,"l":["abcd"]})", "field_too_long", "l[0]"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":5})", "field_wrong_type", "m"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":{"amount":1}})", "field_missing", "m.currency"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":{"amount":-1,"currency":"USD"}})",
       "field_out_of_range", "m.amount"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":{"amount":1.5,"currency":"USD"}})",
       "field_wrong_type", "m.amount"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":{"amount":1,"currency":"usd"}})",
       "field_bad_value", "m.currency"},
      {R"({"s":"abc","n":5,"b":false,"l":["a"],"m":{"amount":1,"currency":"USD","x":1}})",
       "field_unknown", "m.x"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.json);
    auto fields = Fields::of_json(parse_json(row.json).value());
    fields.required_string("s", 2, 5);
    fields.required_integer("n", 0, 10);
    fields.required_bool("b");
    fields.required_strings("l", 1, 2, 3);
    fields.required_money("m");
    fields.optional_string("o", 0, 5);
    const auto outcome = fields.finish();
    CHECK((outcome ? "" : outcome.error().code) == row.code);
    CHECK((outcome ? "" : outcome.error().field) == row.field);
    if (!outcome) CHECK(outcome.error().kind == ErrorClass::malformed);
  }
}

TEST_CASE("fields give what they read") {
  const auto id = derive_id<PostId>("test", "", "p");
  auto fields = Fields::of_json({{"id", id.str()},
                                 {"kind", "video"},
                                 {"items", {{{"n", 1}}, {{"n", 2}}}},
                                 {"inner", {{"flag", true}}},
                                 {"low", std::numeric_limits<std::int64_t>::min()},
                                 {"price", {{"amount", 7}, {"currency", "BTC"}}}});
  CHECK(fields.required_id<PostId>("id") == id);
  CHECK(fields.required_choice("kind", {"photo", "video"}) == "video");
  auto items = fields.required_objects("items", 1, 5);
  REQUIRE(items.size() == 2);
  CHECK(items[1].required_integer("n", 0, 9) == 2);
  CHECK(items[0].required_integer("n", 0, 9) == 1);
  CHECK(fields.required_object("inner").required_bool("flag"));
  CHECK(fields.required_integer("low", std::numeric_limits<std::int64_t>::min(), 0) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(fields.required_money("price") == Money{7, *Currency::parse("BTC")});
  CHECK_FALSE(fields.optional_bool("absent"));
  CHECK_FALSE(fields.optional_object("absent"));
  CHECK(fields.finish().has_value());

  auto wrong = Fields::of_json({{"id", "acc_1"}, {"items", {{{"n", 1}, {"x", 0}}}}});
  wrong.optional_id<PostId>("id");
  CHECK(wrong.required_object("none").required_string("s", 0, 1).empty());
  CHECK(wrong.finish().error().field == "id");
  auto unknown = Fields::of_json({{"items", {{{"n", 1}, {"x", 0}}}}});
  unknown.required_objects("items", 0, 5).at(0).required_integer("n", 0, 9);
  CHECK(unknown.finish().error().field == "items[0].x");
}

TEST_CASE("query parameters are read from their text") {
  auto query = Fields::of_query({{"n", "-5"}, {"b", "true"}, {"s", "x y"}});
  CHECK(query.required_integer("n", -9, 9) == -5);
  CHECK(query.required_bool("b"));
  CHECK(query.required_string("s", 1, 5) == "x y");
  CHECK(query.finish().has_value());
  for (const std::string bad : {"", "1.0", " 1", "1 ", "0x1", "+1", "99999999999999999999"}) {
    CAPTURE(bad);
    auto fields = Fields::of_query({{"n", bad}});
    fields.required_integer("n", 0, 9);
    CHECK(fields.finish().error().code == "field_wrong_type");
  }
}

TEST_CASE("UTF-8 is counted in code points, and what is not UTF-8 is told") {
  CHECK(utf8_length("") == 0);
  CHECK(utf8_length("aé€😀") == 4);
  for (const std::string bad :
       {"\x80", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xe2\x82", "a\xc3"}) {
    CHECK_FALSE(utf8_length(bad));
  }
}
