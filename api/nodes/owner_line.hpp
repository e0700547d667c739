#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/http/asio.hpp"
#include "api/nodes/backoff.hpp"
#include "api/nodes/credentials.hpp"
#include "api/nodes/link.hpp"
#include "schemas/node.pb.h"

namespace fl {
namespace pb = ::fanledger::v1;
}

namespace fl::nodes {

/// Keeps a link to one node, again and again, with a rest after each failure. Lives on the thread
/// of its io_context.
class OwnerLine {
 public:
  struct Events {
    std::function<void()> ready;  ///< it may be asked now: from `aim`, or after a rest
    std::function<void(const pb::NodeReply&)> answered;
    std::function<void()> lost;  ///< what was asked on it gets no answer any more
  };

  OwnerLine(boost::asio::io_context& io, Credentials credentials, const LinkLimits& limits,
            Backoff backoff, std::string ledger_id, Events events);

  /// The node from now on. Whoever it is, nothing is waited for: it is called, or ready, at once.
  void aim(std::optional<Endpoint> target);
  bool ready() const { return greeted_ && !resting_; }
  void send(const pb::NodeRequest& request);

  void rest();                         ///< it does not serve: `ready` comes after a while
  void served() { backoff_.reset(); }  ///< the next rest is a short one
  void stop();

 private:
  void go();
  void dial();
  void receive(std::string_view message);
  Status greet(const pb::NodeHello& hello);
  void hang_up();
  void fail_link(const std::string& why);
  void pulse();

  boost::asio::io_context& io_;
  Credentials credentials_;
  const LinkLimits limits_;
  const std::string ledger_id_;
  const Events events_;
  Backoff backoff_;
  boost::asio::steady_timer rest_timer_;
  boost::asio::steady_timer pulse_timer_;
  std::optional<Endpoint> target_;
  std::shared_ptr<Link> link_;
  std::string told_;  ///< the last trouble that the log was told of
  bool greeted_ = false;
  bool resting_ = false;
  std::uint64_t rests_ = 0;
  std::uint64_t pulses_ = 0;
};

}  // namespace fl::nodes
