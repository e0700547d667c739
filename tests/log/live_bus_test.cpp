#include "core/log/live_bus.hpp"

#include "tests/log/live_bus_contract.hpp"

using namespace fl::log;

TEST_CASE("the bus in memory keeps the contract of the live bus, and at once") {
  MemoryLiveBus bus;
  contract::check_live_bus(bus, bus, std::string("\0\xff", 2));
  contract::Ear ear(bus);
  bus.publish("now", "");
  CHECK(ear.heard() == std::vector<std::string>{"now="});
}

TEST_CASE("a subscription may outlive its bus, and a callback may publish") {
  auto bus = std::make_unique<MemoryLiveBus>();
  int echoes = 0;
  auto subscription = bus->subscribe([&](std::string_view topic, std::string_view) {
    if (topic == "call") bus->publish("echo", "");
    if (topic == "echo") ++echoes;
  });
  bus->publish("call", "");
  CHECK(echoes == 1);
  bus.reset();
  subscription.reset();
}
