#include <doctest/doctest.h>

#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;

namespace {

World studio() {
  World world;
  world.creator("ann").creator("eve").fan("bob");
  world.given(draft::register_media("clip", "ann")).given(draft::register_media("other", "eve"));
  world.published("old", "ann", usd(500));
  return world;
}

std::function<pb::LedgerEvent(World&)> media_with(std::function<void(pb::MediaRegistered&)> spoil) {
  return [spoil](World&) {
    return with(draft::register_media("new", "ann"),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_media_registered()); });
  };
}
std::function<pb::LedgerEvent(World&)> post_with(std::function<void(pb::PostPublished&)> spoil,
                                                 std::optional<Money> premium = usd(500)) {
  return [=](World&) {
    return with(draft::publish("clip", "ann", premium),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_post_published()); });
  };
}

}  // namespace

TEST_CASE("media are registered by the platform, with their owner and manifest") {
  auto world = studio();
  const auto event = world.when(draft::register_media("new", "bob"));
  REQUIRE(event);
  CHECK(event->postings().empty());
  const auto* row = world.state.media.find(media("new"));
  REQUIRE(row != nullptr);
  CHECK(row->owner == account("bob"));
  CHECK(row->kind == pb::MEDIA_KIND_VIDEO);
  CHECK(row->manifest == sha256({"manifest", "new"}));
}

TEST_CASE("media are not registered when they are not what they should be") {
  const auto E = ErrorClass::malformed;
  check_refusals(
      studio,
      {
          {"a short id", E, "media_malformed", "media",
           media_with([](pb::MediaRegistered& e) { e.set_media("short"); })},
          {"a short manifest", E, "media_malformed", "media",
           media_with([](pb::MediaRegistered& e) { e.set_manifest("short"); })},
          {"no kind", E, "media_kind_unknown", "kind",
           media_with([](pb::MediaRegistered& e) { e.clear_kind(); })},
          {"of nobody", ErrorClass::not_found, "account_unknown", "owner",
           media_with([](pb::MediaRegistered& e) { e.set_owner(account("nobody").raw()); })},
          {"an owner that is no id", ErrorClass::not_found, "account_unknown", "owner",
           media_with([](pb::MediaRegistered& e) { e.set_owner("short"); })},
          {"twice", ErrorClass::conflict, "media_exists", "media",
           media_with([](pb::MediaRegistered& e) { e.set_media(media("clip").raw()); })},
          {"by a person", ErrorClass::refused, "caller_not_allowed", "",
           [](World&) {
             return with(draft::register_media("new", "ann"), [](pb::LedgerEvent& e) {
               e.mutable_origin()->set_caller_kind(pb::CALLER_KIND_ACCOUNT);
               e.mutable_origin()->set_caller(account("ann").raw());
             });
           }},
      });
}

TEST_CASE("a verified creator publishes free and premium posts of media that are ready") {
  auto world = studio();
  world.given(draft::register_media("free", "ann"));
  const auto premium = world.when(with(draft::publish("clip", "ann", usd(700)), [](auto& e) {
    *e.mutable_post_published()->mutable_caption() =
        sealed_for(account("ann"), std::string(4096, 'c'));
  }));
  REQUIRE(premium);
  CHECK(premium->postings().empty());
  const auto* row = world.state.posts.find(post("clip"));
  REQUIRE(row != nullptr);
  CHECK(row->author == account("ann"));
  CHECK(row->media == media("clip"));
  CHECK(row->premium);
  CHECK(row->price == usd(700));
  CHECK_FALSE(row->deleted);
  CHECK(row->published_seq == world.events.size() - 1);

  REQUIRE(world.when(draft::publish("free", "ann")));
  CHECK_FALSE(world.state.posts.find(post("free"))->premium);
  CHECK(world.state.posts.find(post("free"))->price == Money{});
}

TEST_CASE("a post is not published when its author, media, price or caption do not allow it") {
  const auto E = ErrorClass::malformed;
  const auto price_of = [](const Money& amount) {
    return post_with([=](pb::PostPublished& e) { *e.mutable_price() = price(amount); });
  };
  check_refusals(
      studio,
      {
          {"[D13] a negative price", E, "amount_negative", "price.amount", price_of(usd(-5))},
          {"[D13] a premium post for nothing", E, "amount_not_positive", "price.amount",
           price_of(usd(0))},
          {"a price too small", E, "amount_too_small", "price.amount", price_of(btc(999))},
          {"a price too large", E, "amount_too_large", "price.amount",
           price_of(btc(1'000'000'001))},
          {"[D13] an unknown currency", E, "currency_unknown", "price.currency",
           post_with([](pb::PostPublished& e) { e.mutable_price()->set_currency("EUR"); })},
          {"a premium post without a price", E, "currency_unknown", "price.currency",
           post_with([](pb::PostPublished& e) { e.clear_price(); })},
          {"a free post with a price", E, "price_of_free_post", "price",
           post_with([](pb::PostPublished& e) { e.set_premium(false); })},
          {"a short id", E, "post_malformed", "post",
           post_with([](pb::PostPublished& e) { e.set_post("short"); })},
          {"a caption under another's key", E, "not_sealed", "caption",
           post_with([](pb::PostPublished& e) {
             *e.mutable_caption() = sealed_for(account("eve"), "hello");
           })},
          {"a caption of 4,097 bytes", E, "field_too_long", "caption",
           post_with([](pb::PostPublished& e) {
             *e.mutable_caption() = sealed_for(account("ann"), std::string(4097, 'c'));
           })},
          {"media of nobody", ErrorClass::not_found, "media_unknown", "media",
           post_with([](pb::PostPublished& e) { e.set_media(media("none").raw()); })},
          {"another's media: as if there were none", ErrorClass::not_found, "media_unknown",
           "media", post_with([](pb::PostPublished& e) { e.set_media(media("other").raw()); })},
          {"an id that is taken", ErrorClass::conflict, "post_exists", "post",
           post_with([](pb::PostPublished& e) { e.set_post(post("old").raw()); })},
          {"of a fan", ErrorClass::refused, "not_a_creator", "",
           [](World& world) {
             world.given(draft::register_media("bob's", "bob"));
             return draft::publish("bob's", "bob");
           }},
          {"[P7] of a creator not verified", ErrorClass::refused, "creator_not_verified", "",
           [](World& world) {
             world.given(draft::open("dan", pb::ROLE_CREATOR));
             world.given(draft::register_media("dan's", "dan"));
             return draft::publish("dan's", "dan");
           }},
          {"[P7] after verification was withdrawn", ErrorClass::refused, "creator_not_verified", "",
           [](World& world) {
             auto order = world.order();
             order.mutable_withdraw_verification()->set_account(account("ann").raw());
             world.given(World::signed_by("root", order));
             return draft::publish("clip", "ann", usd(500));
           }},
          {"in another's name", ErrorClass::refused, "not_the_caller", "",
           post_with([](pb::PostPublished& e) { e.set_author(account("eve").raw()); })},
      });
}

TEST_CASE("an author deletes a post, once") {
  auto world = studio();
  REQUIRE(world.when(draft::remove("old", "ann")));
  CHECK(world.state.posts.find(post("old"))->deleted);
  CHECK(world.state.posts.find(post("old"))->deleted_seq == world.events.size() - 1);
  const auto again = world.when(draft::remove("old", "ann"));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "post_unknown");
}

TEST_CASE("nobody else deletes a post, and none that is not there") {
  check_refusals(studio, {
                             {"another creator", ErrorClass::refused, "not_the_author", "post",
                              [](World&) { return draft::remove("old", "eve"); }},
                             {"a fan", ErrorClass::refused, "not_the_author", "post",
                              [](World&) { return draft::remove("old", "bob"); }},
                             {"[D28] an unknown post", ErrorClass::not_found, "post_unknown",
                              "post", [](World&) { return draft::remove("none", "ann"); }},
                             {"[D28] a malformed id", ErrorClass::not_found, "post_unknown", "post",
                              [](World&) {
                                return with(draft::remove("old", "ann"), [](auto& e) {
                                  e.mutable_post_deleted()->set_post("x");
                                });
                              }},
                         });
}
