#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace fl::test {

/// A second, naive ledger: maps of names, and no code of the first. It says of each
/// command whether it is carried out, and keeps the balances.
class Model {
 public:
  using Name = std::string;
  struct Price {
    std::int64_t amount = 0;
    std::string currency;
    bool operator==(const Price&) const = default;
  };

  std::map<std::pair<Name, std::string>, std::int64_t> wallets, earnings;
  std::map<std::string, std::int64_t> fees, deposited;

  bool open(const Name& who, bool creator) { return people_.emplace(who, creator).second; }
  bool verify(const Name& who) {
    const auto it = people_.find(who);
    return it != people_.end() && it->second && verified_.insert(who).second;
  }
  bool withdraw(const Name& who) { return verified_.erase(who) == 1; }
  bool set_price(const Name& who, const Price& price) {
    const auto it = people_.find(who);
    if (it == people_.end() || !it->second || !(free(price) || payable(price))) return false;
    offers_[who] = price;
    return true;
  }
  bool media(const Name& name, const Name& owner) {
    return people_.contains(owner) && media_.emplace(name, owner).second;
  }
  bool publish(const Name& name, const Name& author, const std::optional<Price>& price) {
    const auto it = media_.find(name);
    if (!verified_.contains(author) || it == media_.end() || it->second != author) return false;
    if (price && !payable(*price)) return false;
    return posts_.emplace(name, Post{author, price, false}).second;
  }
  bool remove(const Name& name, const Name& caller) {
    auto* post = live(name);
    if (post == nullptr || post->author != caller) return false;
    post->deleted = true;
    return true;
  }
  bool deposit(const Name& who, const Price& amount) {
    if (!people_.contains(who) || !payable(amount)) return false;
    wallets[{who, amount.currency}] += amount.amount;
    deposited[amount.currency] += amount.amount;
    return true;
  }
  bool buy(const Name& who, const Name& name, const Price& shown) {
    const auto* post = live(name);
    if (post == nullptr || !post->price || *post->price != shown || post->author == who) {
      return false;
    }
    if (!verified_.contains(post->author) || bought_.contains({who, name})) return false;
    if (!pay(who, post->author, shown, 2)) return false;
    bought_.insert({who, name});
    return true;
  }
  bool subscribe(const Name& who, const Name& creator, const Price& shown, std::int64_t now) {
    const auto offer = offers_.find(creator);
    if (who == creator || !verified_.contains(creator)) return false;
    if (offer == offers_.end() || offer->second != shown) return false;
    const auto held = ends_.find({who, creator});
    if (held != ends_.end() && held->second > now && (held->second != kNever || free(shown))) {
      return false;
    }
    if (!pay(who, creator, shown, 10)) return false;
    ends_[{who, creator}] = free(shown) ? kNever : now + 30LL * 86'400'000;
    return true;
  }
  bool tip(const Name& who, const Name& creator, const Price& amount) {
    return who != creator && verified_.contains(creator) && payable(amount) &&
           pay(who, creator, amount, 5);
  }

 private:
  static constexpr std::int64_t kNever = INT64_MAX;
  struct Post {
    Name author;
    std::optional<Price> price;
    bool deleted;
  };

  static bool known(const Price& p) { return p.currency == "USD" || p.currency == "BTC"; }
  static bool free(const Price& p) { return known(p) && p.amount == 0; }
  static bool payable(const Price& p) {
    if (p.currency == "USD") return p.amount >= 100 && p.amount <= 10'000'000;
    return p.currency == "BTC" && p.amount >= 1'000 && p.amount <= 1'000'000'000;
  }
  Post* live(const Name& name) {
    const auto it = posts_.find(name);
    return it == posts_.end() || it->second.deleted ? nullptr : &it->second;
  }
  /// One part in `share` to the platform, rounded down.
  bool pay(const Name& who, const Name& to, const Price& price, std::int64_t share) {
    if (!people_.contains(who) || !(free(price) || payable(price))) return false;
    auto& wallet = wallets[{who, price.currency}];
    if (wallet < price.amount) return false;
    wallet -= price.amount;
    const auto fee = price.amount / share;
    fees[price.currency] += fee;
    earnings[{to, price.currency}] += price.amount - fee;
    return true;
  }

  std::map<Name, bool> people_;
  std::set<Name> verified_;
  std::map<Name, Price> offers_;
  std::map<Name, Name> media_;
  std::map<Name, Post> posts_;
  std::set<std::pair<Name, Name>> bought_;
  std::map<std::pair<Name, Name>, std::int64_t> ends_;
};

}  // namespace fl::test
