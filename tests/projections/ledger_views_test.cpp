#include "tests/projections/world.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

namespace {

Book wallet(const char* of) {
  return {BookKind::wallet, account(of)};
}
Book earnings(const char* of) {
  return {BookKind::earnings, account(of)};
}
Currency currency(const char* code) {
  return *Currency::parse(code);
}

template <class Items>
std::vector<PostId> posts(const Items& items) {
  std::vector<PostId> out;
  for (const auto& item : items) out.push_back(item.post);
  return out;
}
std::vector<PostId> named_posts(std::initializer_list<const char*> names) {
  std::vector<PostId> out;
  for (const auto* name : names) out.push_back(named<PostId>(name));
  return out;
}

}  // namespace

TEST_CASE("balances and statements follow the postings, the platform's own too [D9]") {
  World world;
  world.ledger({opened("fan"), deposited("fan", 5000), deposited("fan", 7, "BTC")}, 100);
  world.ledger({purchased("fan", "post", "creator"), tipped("fan", "creator", 500)}, 200);
  const auto view = world.view();
  const auto& wallets = world.models.wallets;
  CHECK(wallets.balance(view, wallet("fan"), currency("USD")) == 3600);
  CHECK(wallets.balance(view, earnings("creator"), currency("USD")) == 850);
  CHECK(wallets.balance(view, {BookKind::fees, {}}, currency("USD")) == 550);
  CHECK(wallets.balance(view, {BookKind::clearing, {}}, currency("USD")) == -5000);
  CHECK(wallets.balance(view, wallet("nobody"), currency("USD")) == 0);
  const auto all = wallets.balances(view, wallet("fan"));
  REQUIRE(all.size() == 2);
  CHECK(all[0] == Money{7, currency("BTC")});
  CHECK(all[1] == Money{3600, currency("USD")});

  const auto rows = *wallets.statement(view, wallet("fan"), {});
  REQUIRE(rows.items.size() == 4);
  CHECK(rows.next.empty());
  CHECK(rows.items[0].kind == EntryKind::tip);
  CHECK(rows.items[0].event_seq == 4);
  CHECK(rows.items[0].time == Instant{200});
  CHECK(rows.items[0].amount == Money{-500, currency("USD")});
  CHECK(rows.items[0].balance == 3600);
  CHECK(rows.items[0].other == earnings("creator"));
  CHECK(rows.items[0].fee == 100);
  CHECK_FALSE(rows.items[0].post);
  CHECK(rows.items[1].kind == EntryKind::purchase);
  CHECK(rows.items[1].post == named<PostId>("post"));
  CHECK(rows.items[1].balance == 4100);
  CHECK(rows.items[2].amount == Money{7, currency("BTC")});
  CHECK(rows.items[3].kind == EntryKind::deposit);
  CHECK(rows.items[3].reference == "bank 1");
  CHECK(rows.items[3].other == Book{BookKind::clearing, {}});

  const auto earned = *wallets.statement(view, earnings("creator"), {});
  REQUIRE(earned.items.size() == 2);
  CHECK(earned.items[0].other == wallet("fan"));
}

TEST_CASE("a batch that is void leaves no trace") {
  World world;
  world.ledger({deposited("fan", 100)});
  world.ledger({deposited("fan", 999)}, 1000, 2);
  world.ledger({deposited("fan", 1)});
  const auto view = world.view();
  CHECK(world.models.wallets.balance(view, wallet("fan"), currency("USD")) == 101);
  CHECK(world.models.wallets.statement(view, wallet("fan"), {})->items.front().event_seq == 1);
}

TEST_CASE("an account is found by its id, its name in any case, and its e-mail's index") {
  World world;
  world.ledger({opened("Ada", pb::ROLE_CREATOR), opened("bob")}, 100);
  pb::LedgerEvent verified;
  verified.mutable_creator_verified()->set_account(account("Ada").raw());
  pb::LedgerEvent price;
  price.mutable_subscription_price_set()->set_creator(account("Ada").raw());
  price.mutable_subscription_price_set()->mutable_price()->set_amount(500);
  price.mutable_subscription_price_set()->mutable_price()->set_currency("USD");
  world.ledger({verified, price}, 200);
  const auto& accounts = world.models.accounts;
  auto view = world.view();
  const auto ada = accounts.by_username(view, "aDA");
  REQUIRE(ada);
  CHECK(ada->id == account("Ada"));
  CHECK(ada->username == "Ada");
  CHECK(ada->creator);
  CHECK(ada->opened == Instant{100});
  CHECK(ada->verified);
  CHECK(ada->verified_seq == 2);
  CHECK(ada->subscription_price == Money{500, currency("USD")});
  CHECK(ada->price_seq == 3);
  CHECK(accounts.by_email_index(view, sha256("bob"))->id == account("bob"));
  CHECK_FALSE(accounts.by_id(view, account("bob"))->creator);
  CHECK_FALSE(accounts.by_id(view, account("bob"))->subscription_price);
  CHECK_FALSE(accounts.by_username(view, "eve"));
  CHECK_FALSE(accounts.by_username(view, ""));
  CHECK_FALSE(accounts.by_email_index(view, sha256("eve")));
  pb::LedgerEvent withdrawn;
  withdrawn.mutable_verification_withdrawn()->set_account(account("Ada").raw());
  world.ledger({withdrawn});
  view = world.view();
  CHECK_FALSE(accounts.by_id(view, account("Ada"))->verified);
  CHECK(accounts.by_id(view, account("Ada"))->verified_seq == 4);
}

TEST_CASE("rights carry the event that gave them; lists are newest first") {
  World world;
  world.ledger({purchased("fan", "one", "ada"), purchased("fan", "two", "ada"),
                subscribed("fan", "ada", 5000), subscribed("fan", "eve", 0)},
               100);
  const auto& access = world.models.access;
  auto view = world.view();
  CHECK(access.purchase(view, account("fan"), named<PostId>("one"))->event_seq == 0);
  CHECK(access.purchase(view, account("fan"), named<PostId>("two"))->price ==
        Money{900, currency("USD")});
  CHECK_FALSE(access.purchase(view, account("ada"), named<PostId>("one")));
  CHECK(posts(access.purchases(view, account("fan"), {})->items) == named_posts({"two", "one"}));
  const auto paid = access.subscription(view, account("fan"), account("ada"));
  REQUIRE(paid);
  CHECK(paid->event_seq == 2);
  CHECK(paid->started == Instant{100});
  CHECK_FALSE(paid->follow);
  CHECK(paid->active_at({4999}));
  CHECK_FALSE(paid->active_at({5000}));
  const auto follow = access.subscription(view, account("fan"), account("eve"));
  CHECK(follow->follow);
  CHECK(follow->active_at({1LL << 60}));
  CHECK(access.follower_count(view, account("eve")) == 1);
  CHECK(access.subscriber_count(view, account("eve"), {0}) == 0);

  world.ledger({subscribed("fan", "ada", 9000), subscribed("fan", "eve", 8000)}, 200);
  view = world.view();
  const auto rows = access.subscriptions(view, account("fan"), {})->items;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].creator == account("eve"));
  CHECK(rows[1].ends == Instant{9000});
  CHECK(access.follower_count(view, account("eve")) == 0);
  CHECK(access.subscriber_count(view, account("eve"), {0}) == 1);
}

TEST_CASE("a creator's subscribers are counted exactly at any moment") {
  World world;
  constexpr std::int64_t kHour = 3'600'000;
  const std::vector<std::int64_t> ends = {1,         kHour - 1, kHour,          kHour + 1,
                                          2 * kHour, 2 * kHour, 700 * kHour + 5};
  for (std::size_t i = 0; i < ends.size(); ++i) {
    world.ledger({subscribed("fan" + std::to_string(i), "ada", ends[i])});
  }
  const auto view = world.view();
  for (std::int64_t now : {std::int64_t{0}, std::int64_t{1}, kHour - 1, kHour, kHour + 1,
                           2 * kHour - 1, 2 * kHour, 700 * kHour, 701 * kHour}) {
    CAPTURE(now);
    const auto expected = std::ranges::count_if(ends, [&](auto end) { return end > now; });
    CHECK(world.models.access.subscriber_count(view, account("ada"), {now}) ==
          static_cast<std::uint64_t>(expected));
  }
}

TEST_CASE("a deleted post leaves the lists and stays for its buyers") {
  World world;
  pb::LedgerEvent media;
  media.mutable_media_registered()->set_media(named<MediaId>("media").raw());
  media.mutable_media_registered()->set_owner(account("ada").raw());
  media.mutable_media_registered()->set_kind(pb::MEDIA_KIND_VIDEO);
  media.mutable_media_registered()->set_manifest(sha256("m").str());
  world.ledger({media, published("one", "ada", false), published("two", "ada", true),
                published("three", "eve", true)},
               100);
  const auto& catalogue = world.models.catalogue;
  const auto& feed = world.models.feed;
  const auto feed_of = [&](const View& view, FeedFilter filter) {
    return posts(feed.newest(view, filter, {})->items);
  };
  auto view = world.view();
  CHECK(feed_of(view, {}) == named_posts({"three", "two", "one"}));
  CHECK(feed_of(view, {account("ada"), false}) == named_posts({"two", "one"}));
  CHECK(feed_of(view, {std::nullopt, true}) == named_posts({"three", "two"}));
  CHECK(feed_of(view, {account("ada"), true}) == named_posts({"two"}));
  const auto two = catalogue.post(view, named<PostId>("two"));
  REQUIRE(two);
  CHECK(two->price == Money{900, currency("USD")});
  CHECK(two->author == account("ada"));
  CHECK(two->published == Instant{100});
  CHECK(two->event_seq == 2);
  CHECK(two->caption == sealed("two").SerializeAsString());
  CHECK(catalogue.media(view, named<MediaId>("media"))->video);
  CHECK(catalogue.media_of(view, account("ada"), {})->items.size() == 1);
  CHECK_FALSE(catalogue.media(view, named<MediaId>("other")));

  world.ledger({deleted("two")});
  view = world.view();
  CHECK(feed_of(view, {}) == named_posts({"three", "one"}));
  CHECK(feed_of(view, {account("ada"), true}).empty());
  CHECK(catalogue.posts_of(view, account("ada"), {})->items.size() == 1);
  CHECK(catalogue.post(view, named<PostId>("two"))->deleted);
  CHECK(catalogue.post(view, named<PostId>("two"))->deleted_seq == 4);
  CHECK(catalogue.posts_with(view, named<MediaId>("media"), {})->items.size() == 3);
}

TEST_CASE("pages stay in step while rows come in: none twice, none left out [D25]") {
  World world;
  const auto publish = [&](int i) { world.ledger({published(std::to_string(i), "ada", false)}); };
  for (int i = 0; i < 25; ++i) publish(i);
  std::vector<PostId> seen;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    publish(100 + page);  // newer than all that was read
    const auto listing = world.models.feed.newest(world.view(), {}, {10, cursor});
    REQUIRE(listing);
    for (const auto& item : listing->items) seen.push_back(item.post);
    cursor = listing->next;
    if (cursor.empty()) break;
  }
  CHECK(cursor.empty());
  std::vector<PostId> expected{named<PostId>("100")};
  for (int i = 24; i >= 0; --i) expected.push_back(named<PostId>(std::to_string(i)));
  CHECK(seen == expected);
}

TEST_CASE("a page is never larger than the cap, and its end is said") {
  World world;
  for (int i = 0; i < 150; ++i) world.ledger({published(std::to_string(i), "ada", false)});
  const auto view = world.view();
  for (std::size_t limit : {std::size_t{0}, std::size_t{100}, std::size_t{1'000'000}}) {
    CHECK(world.models.feed.newest(view, {}, {limit, ""})->items.size() == kMaxPage);
  }
  for (std::size_t limit : {1, 50, 75, 99}) {
    CAPTURE(limit);
    const auto items =
        whole([&](const Page& page) { return world.models.feed.newest(view, {}, page); }, limit);
    CHECK(items.size() == 150);
  }
}

TEST_CASE("a cursor that the list did not give is refused [D28]") {
  World world;
  for (int i = 0; i < 3; ++i) world.ledger({published(std::to_string(i), "ada", true)});
  const auto view = world.view();
  const auto& feed = world.models.feed;
  const auto cursor = feed.newest(view, {}, {1, ""})->next;
  REQUIRE_FALSE(cursor.empty());
  CHECK(feed.newest(view, {}, {1, cursor}));
  auto flipped = cursor;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  for (const auto& bad : {std::string("x"), std::string("!!!"), std::string(5000, 'A'), flipped,
                          cursor + "A", cursor.substr(1)}) {
    CAPTURE(bad);
    const auto page = feed.newest(view, {}, {1, bad});
    REQUIRE_FALSE(page);
    CHECK(page.error().code == "cursor_invalid");
  }
  CHECK_FALSE(feed.newest(view, {std::nullopt, true}, {1, cursor}));
  CHECK_FALSE(world.models.catalogue.posts_of(view, account("ada"), {1, cursor}));
}
