#include "core/base/ids.hpp"

#include <doctest/doctest.h>

using namespace fl;

TEST_CASE("an id has one spelling, and its prefix is part of it") {
  const auto id = derive_id<PostId>("post", "scope", "name");
  CHECK(PostId::parse(id.str()) == id);
  CHECK_FALSE(AccountId::parse(id.str()));
  auto text = id.str();
  CHECK_FALSE(PostId::parse(text + "0"));
  CHECK_FALSE(PostId::parse(text.substr(1)));
  text[5] = '8';  // a 129th bit
  CHECK_FALSE(PostId::parse(text));
  text[5] = 'u';  // not a digit of the alphabet
  CHECK_FALSE(PostId::parse(text));
  CHECK(PostId{}.str() == "post_00000000000000000000000000");
}

TEST_CASE("derived ids differ in every part that goes in") {
  CHECK(derive_id<PostId>("a", "b", "c") == derive_id<PostId>("a", "b", "c"));
  CHECK(derive_id<PostId>("a", "b", "c") != derive_id<PostId>("a", "bc", ""));
  CHECK(derive_id<PostId>("a", "b", "c") != derive_id<PostId>("ab", "", "c"));
}

TEST_CASE("two accounts have one conversation, whoever asks") {
  const auto a = derive_id<AccountId>("x", "", "a"), b = derive_id<AccountId>("x", "", "b");
  CHECK(conversation_of(a, b) == conversation_of(b, a));
}
