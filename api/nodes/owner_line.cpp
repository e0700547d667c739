#include "api/nodes/owner_line.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/ssl.hpp>
#include <utility>

#include "api/nodes/wire.hpp"

namespace fl::nodes {
namespace asio = boost::asio;

OwnerLine::OwnerLine(asio::io_context& io, Credentials credentials, const LinkLimits& limits,
                     Backoff backoff, std::string ledger_id, Events events)
    : io_(io),
      credentials_(std::move(credentials)),
      limits_(limits),
      ledger_id_(std::move(ledger_id)),
      events_(std::move(events)),
      backoff_(backoff),
      rest_timer_(io),
      pulse_timer_(io) {}

void OwnerLine::aim(std::optional<Endpoint> target) {
  if (target != target_) {
    hang_up();
    target_ = std::move(target);
    told_.clear();
  }
  backoff_.reset();
  resting_ = false;
  ++rests_;  // whoever rests does not come back to it
  rest_timer_.cancel();
  go();
}

void OwnerLine::go() {
  if (!target_) return;
  if (link_ == nullptr) {
    dial();
  } else if (greeted_) {
    events_.ready();
  }
}

void OwnerLine::dial() {
  link_ = Link::connect(io_, credentials_.client(), *target_, limits_,
                        {[] {},  // only its greeting tells that it has let us in
                         [this](std::string_view message) { receive(message); },
                         [this](const std::string& why) { fail_link(why); }});
}

void OwnerLine::receive(std::string_view message) {
  pb::NodeReply reply;
  if (!reply.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return fail_link("it sends what cannot be read");
  }
  if (!reply.has_hello()) return events_.answered(reply);
  if (const auto welcome = greet(reply.hello()); !welcome) fail_link(welcome.error().message);
}

Status OwnerLine::greet(const pb::NodeHello& hello) {
  if (hello.version() != kLinkVersion) {
    return fail(ErrorClass::unavailable, "link_version", "",
                fmt::format("it speaks version {} of the link", hello.version()));
  }
  if (hello.ledger_id() != ledger_id_) {
    return fail(ErrorClass::unavailable, "other_ledger", "", "it holds another ledger");
  }
  if (greeted_) return {};
  greeted_ = true;
  told_.clear();
  spdlog::info(fmt::format("commands go to {}", node_url(*target_)));
  ++pulses_;
  pulse();
  if (!resting_) events_.ready();
  return {};
}

void OwnerLine::send(const pb::NodeRequest& request) {
  link_->send(request.SerializeAsString());
}

void OwnerLine::pulse() {
  pb::NodeRequest request;
  request.mutable_head();
  send(request);
  pulse_timer_.expires_after(limits_.sign_of_life);
  pulse_timer_.async_wait([this, mine = pulses_](const boost::system::error_code&) {
    if (greeted_ && mine == pulses_) pulse();
  });
}

void OwnerLine::rest() {
  if (resting_) return;
  resting_ = true;
  rest_timer_.expires_after(backoff_.next());
  rest_timer_.async_wait([this, mine = ++rests_](const boost::system::error_code&) {
    if (!resting_ || mine != rests_) return;
    resting_ = false;
    go();
  });
}

void OwnerLine::fail_link(const std::string& why) {
  if (why != told_) spdlog::warn(fmt::format("no link to {}: {}", node_url(*target_), why));
  told_ = why;
  hang_up();
  rest();
}

void OwnerLine::hang_up() {
  if (link_ == nullptr) return;
  std::exchange(link_, nullptr)->drop();
  greeted_ = false;
  pulse_timer_.cancel();
  events_.lost();
}

void OwnerLine::stop() {
  hang_up();
  target_.reset();
  resting_ = true;  // for good
  ++rests_;
  rest_timer_.cancel();
}

}  // namespace fl::nodes
