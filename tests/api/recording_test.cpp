#include <doctest/doctest.h>

#include "api/http/asio.hpp"
#include "api/requests.hpp"
#include "core/activity/act.hpp"
#include "core/log/embedded_log.hpp"
#include "projections/runner.hpp"
#include "tests/api/house.hpp"

using namespace fl;

namespace {

template <class T>
T run(api::awaitable<T> work) {
  boost::asio::io_context context;
  auto outcome = boost::asio::co_spawn(context, std::move(work), boost::asio::use_future);
  context.run();
  return outcome.get();
}

pb::ActivityEvent notices_read(const AccountId& by) {
  pb::ActivityEvent event;
  event.set_id(std::string(16, 'e'));
  event.set_actor(by.raw());
  event.set_about(by.raw());
  event.mutable_notices_read()->set_up_to(0);
  return event;
}

}  // namespace

TEST_CASE(
    "an event says the place and the instant of the very view its right was decided on [P25]") {
  test::House house;
  auto& platform = *house.platform;
  const auto ann = house.fan("ann");
  const Instant then{1'234'567};
  const auto at = projections::take_standpoint(platform.store, platform.models, then);
  REQUIRE(at);
  house.fan("bob");  // the ledger and the read models go on
  const auto event = notices_read(ann);
  const auto position = run(api::record_activity(platform, *at, event));
  REQUIRE(position);
  const auto partition =
      activity::partition_of(event.about(), platform.log.partitions(log::Stream::activity));
  const auto records =
      platform.log.read(log::Stream::activity, partition,
                        position->next(log::Stream::activity, partition) - 1, 1, 1 << 20);
  REQUIRE(records);
  REQUIRE(records->size() == 1);
  const auto stored = activity::decode(records->front().value);
  REQUIRE(stored);
  CHECK(stored->checked_at() == at->ledger);
  CHECK(stored->time_ms() == then.ms);
  CHECK(at->ledger < platform.log.end(log::Stream::ledger, 0).value());
}

TEST_CASE("an event that may or may not stand is told so, to be sent again with its key [D5]") {
  test::House house;
  auto& platform = *house.platform;
  const auto ann = house.fan("ann");
  const auto at = projections::take_standpoint(platform.store, platform.models, Instant{1});
  REQUIRE(at);
  platform.runner.stop();
  platform.runner.join();
  REQUIRE(dynamic_cast<log::EmbeddedLog&>(platform.log)
              .close());  // appends now fail as after a failed sync
  const auto position = run(api::record_activity(platform, *at, notices_read(ann)));
  REQUIRE_FALSE(position);
  CHECK(position.error().code == "outcome_unknown");
  CHECK(position.error().kind == ErrorClass::retry);
}
