#include "api/shared_ledger.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "api/nodes/forwarder.hpp"
#include "api/nodes/node_server.hpp"
#include "api/port_file.hpp"
#include "core/log/work_share.hpp"

namespace fl::api {
namespace {

constexpr const char* kOwnerGroup = "owner";

bool may_be_elsewhere(const owner::Outcome& outcome) {
  return !outcome && (outcome.error().code == owner::owner_unavailable().value().code ||
                      outcome.error().code == owner::unknown_outcome().value().code);
}

}  // namespace

/// What the forwarder asks of the ledger that this node follows.
class SharedLedger::Directory : public nodes::OwnerDirectory {
 public:
  explicit Directory(owner::LedgerNode& node) : node_(node) {
    node_.on_ownership([this](const owner::Ownership& now) { changed(now); });
  }
  std::string owner_url() const override { return node_.ownership().owner.url; }
  void on_owner_change(std::function<void()> listener) override {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  owner::LedgerHead head() const override { return node_.head(); }
  const pb::Genesis& genesis() const override { return node_.genesis(); }

 private:
  void changed(const owner::Ownership& now) {
    spdlog::info(fmt::format("the ledger's owner is {} at {}{}", now.owner.id, now.owner.url,
                             now.is_here ? ": this node" : ""));
    const std::lock_guard lock(mutex_);
    if (listener_) listener_();
  }
  owner::LedgerNode& node_;
  std::mutex mutex_;  ///< held while the listener is told
  std::function<void()> listener_;
};

SharedLedger::SharedLedger() = default;

SharedLedger::~SharedLedger() {
  stop();
  if (node_) node_->on_ownership({});
}

Result<std::unique_ptr<SharedLedger>> SharedLedger::open(log::Log& log,
                                                         owner::SnapshotStore* snapshots,
                                                         const owner::Clock& clock,
                                                         owner::Candidate::Random random,
                                                         const PlatformOptions& options,
                                                         const owner::Progress& progress) {
  const auto& links = options.shared_log->links;
  owner::CandidateOptions settings;
  settings.name.url = links ? links->url : options.public_url;
  settings.name.id = settings.name.url;
  auto node = owner::LedgerNode::start(log, snapshots, clock, std::move(random),
                                       std::move(settings), progress);
  if (!node) return fail(node.error());
  std::unique_ptr<SharedLedger> ledger(new SharedLedger());
  ledger->node_ = std::move(*node);
  ledger->directory_ = std::make_unique<Directory>(*ledger->node_);
  if (links) {
    if (auto linked = ledger->link(options); !linked) return fail(linked.error());
  }
  if (options.roles.owner) {
    if (auto joined = ledger->join(log, options); !joined) return fail(joined.error());
  }
  return ledger;
}

Status SharedLedger::link(const PlatformOptions& options) {
  const auto& links = *options.shared_log->links;
  if (options.roles.owner) {
    nodes::NodeServerOptions settings;
    settings.listen = links.listen;
    settings.certificates = links.certificates;
    auto server = nodes::NodeServer::start(*node_, std::move(settings));
    if (!server) return fail(server.error());
    server_ = std::move(*server);
    if (auto written = write_port(links.port_file, server_->port()); !written) return written;
  }
  nodes::ForwarderOptions settings;
  settings.nodes = links.nodes;
  settings.certificates = links.certificates;
  auto forwarder = nodes::Forwarder::start(*directory_, std::move(settings));
  if (!forwarder) return fail(forwarder.error());
  forwarder_ = std::move(*forwarder);
  return {};
}

Status SharedLedger::join(log::Log& log, const PlatformOptions&) {
  auto seat = log.join(kOwnerGroup, {log::Stream::ledger});
  if (!seat) return fail(seat.error());
  seat_ = std::move(*seat);
  // The group decides who tries. Who owns the ledger is what the log says.
  const auto look = [this] { node_->may_try(!seat_->assigned().empty()); };
  seat_->set_listener(look);
  look();
  return {};
}

void SharedLedger::submit(ledger::Command command, owner::Reply reply, Deadline deadline) {
  if (!forwarder_) return node_->submit(std::move(command), std::move(reply), deadline);
  if (!node_->ownership().is_here) {
    return forwarder_->submit(std::move(command), std::move(reply), deadline);
  }
  auto again = command;
  node_->submit(
      std::move(command),
      [this, again = std::move(again), reply = std::move(reply),
       deadline](owner::Outcome outcome) mutable {
        if (!may_be_elsewhere(outcome)) return reply(std::move(outcome));
        forwarder_->submit(std::move(again), std::move(reply), deadline);
      },
      deadline);
}

void SharedLedger::stop() {
  if (seat_) {
    seat_->set_listener(nullptr);
    seat_->stop();
  }
  if (server_) server_->stop();
  if (node_) node_->stop();
  if (forwarder_) forwarder_->stop();
}

}  // namespace fl::api
