#include "core/log/kafka_rights.hpp"

#include <doctest/doctest.h>

using namespace fl;
using namespace fl::log::kafka;

namespace {

using Rules = Result<std::optional<std::vector<WriteRule>>>;

RightsReport report(std::vector<WriteRule> rules) {
  return report_rights("fanledger.ledger", Rules(std::move(rules)));
}

}  // namespace

TEST_CASE("who may append to the ledger is told, and safe is one alone [B16]") {
  const auto one = report({{"User:owner", true}});
  CHECK(one.is_safe);
  CHECK(one.text == "these may append to fanledger.ledger: User:owner");

  const auto two = report({{"User:owner", true}, {"User:api", true}, {"User:owner", true}});
  CHECK_FALSE(two.is_safe);
  CHECK(two.text == "these may append to fanledger.ledger: User:api, User:owner");

  CHECK(report({{"User:owner", true}, {"User:api", true}, {"User:api", false}}).is_safe);
  CHECK_FALSE(report({{"User:*", true}}).is_safe);
  CHECK_FALSE(report({}).is_safe);
  CHECK_FALSE(report_rights("t", Rules(std::nullopt)).is_safe);
  const auto hidden = report_rights(
      "t", Rules(fail(ErrorClass::refused, "rights_hidden", "t", "This client may not ask.")));
  CHECK_FALSE(hidden.is_safe);
  CHECK(hidden.text.find("may not ask") != std::string::npos);
}
