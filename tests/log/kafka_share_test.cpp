#include <doctest/doctest.h>

#include "tests/log/kafka_subject.hpp"
#include "tests/log/remote_share.hpp"
#include "tests/log/share_contract.hpp"

using namespace fl;
using namespace fl::log;

namespace {

RemoteShare& remote(WorkShare& share) {
  return dynamic_cast<RemoteShare&>(share);
}

}  // namespace

TEST_CASE("the groups of Kafka keep every rule of the share's contract") {
  for (const auto& rule : contract::share_rules()) {
    SUBCASE(rule.fact) {
      const KafkaSubject subject;
      rule.check({[&] { return subject.open(); },
                  [&](Log&, std::string_view group, const std::vector<Stream>& streams) {
                    return std::make_unique<RemoteShare>(subject.options, group, streams);
                  },
                  [](std::unique_ptr<WorkShare> share) { remote(*share).kill(); },
                  [](WorkShare& share) { remote(share).put_to_sleep(); },
                  [](WorkShare& share, const Held& held, Offset next) {
                    return remote(share).commit_on_waking(held, next);
                  }});
    }
  }
}
