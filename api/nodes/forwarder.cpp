#include "api/nodes/forwarder.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ssl.hpp>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "api/nodes/handoff.hpp"
#include "api/nodes/io_thread.hpp"
#include "api/nodes/owner_line.hpp"
#include "api/nodes/waiting_commands.hpp"
#include "api/nodes/wire.hpp"
#include "core/base/assert.hpp"

namespace fl::nodes {
namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kRequestOverhead = 64;  // what a request takes besides the draft, at most

Failure unavailable(std::string code, std::string message) {
  return fail(ErrorClass::unavailable, std::move(code), "", std::move(message));
}
Failure nobody_had_it() {
  return unavailable("owner_unavailable",
                     "The ledger takes no commands now: try again later with the same key.");
}
/// What there is to say to somebody who can wait no longer.
owner::Outcome at_the_end(const WaitingCommand& command) {
  if (command.asked || command.maybe_done) return owner::unknown_outcome();
  return nobody_had_it();
}

}  // namespace

struct Forwarder::Impl {
  Impl(OwnerDirectory& owners, ForwarderOptions given, std::set<Endpoint> listed,
       Credentials credentials)
      : directory(owners),
        options(std::move(given)),
        nodes(std::move(listed)),
        incoming(std::make_shared<Handoff<WaitingCommand>>(
            io, [this](std::vector<WaitingCommand> taken) { take(std::move(taken)); })),
        deadline_timer(io),
        line(io, std::move(credentials), options.limits,
             Backoff(options.first_rest, options.longest_rest, std::random_device{}()),
             directory.genesis().ledger_id(),
             {[this] { ask(); }, [this](const pb::NodeReply& reply) { hear(reply); },
              [this] { waiting.lose_all(); }}) {}

  Result<Endpoint> owner_at(const std::string& url) const;
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);
  void aim();
  void take(std::vector<WaitingCommand> taken);
  void ask();
  void hear(const pb::NodeReply& reply);
  void hear_outcome(const pb::NodeReply& reply);
  void hear_head(const pb::NodeHead& head);
  void again(std::uint64_t id, bool maybe_done);
  void answer(WaitingCommand command, owner::Outcome outcome);
  void expire();
  void watch_deadlines();
  void stop();

  OwnerDirectory& directory;
  const ForwarderOptions options;
  const std::set<Endpoint> nodes;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{asio::make_work_guard(io)};
  std::shared_ptr<Handoff<WaitingCommand>> incoming;
  std::atomic<std::size_t> commands = 0;
  std::atomic<std::size_t> command_bytes = 0;

  // Of the thread alone.
  asio::steady_timer deadline_timer;
  std::optional<owner::CommandGate::Deadline> watched;
  WaitingCommands waiting;
  std::uint64_t next_id = 1;
  std::string aimed_url;
  OwnerLine line;

  mutable std::mutex mutex;
  std::optional<steady_clock::time_point> heard;  ///< when an owner last said how it is
  Status owner_health;

  std::thread thread;
};

/// Whom to ask, if the directory names one and the configuration lets it be asked.
Result<Endpoint> Forwarder::Impl::owner_at(const std::string& url) const {
  if (url.empty()) return unavailable("owner_unknown", "No owner of the ledger is known.");
  auto endpoint = parse_node_url(url, "owner_url");
  if (!endpoint || !nodes.contains(*endpoint)) {
    return unavailable("owner_not_listed",
                       fmt::format("The owner of the ledger calls itself \"{}\", which is not one "
                                   "of the nodes of the configuration.",
                                   url));
  }
  return endpoint;
}

bool Forwarder::Impl::reserve(std::size_t bytes) {
  const bool fits = ++commands <= options.commands;
  const bool has_room = (command_bytes += bytes) <= options.command_bytes;
  if (fits && has_room) return true;
  release(bytes);
  return false;
}

void Forwarder::Impl::release(std::size_t bytes) {
  --commands;
  command_bytes -= bytes;
}

void Forwarder::Impl::aim() {
  const auto url = directory.owner_url();
  const auto owner = owner_at(url);
  if (url != aimed_url) {
    aimed_url = url;
    const std::lock_guard lock(mutex);
    owner_health = {};
    if (!owner) spdlog::warn(fmt::format("commands have to wait: {}", owner.error().message));
  }
  line.aim(owner ? std::optional(*owner) : std::nullopt);
}

void Forwarder::Impl::take(std::vector<WaitingCommand> taken) {
  for (auto& command : taken) waiting.add(next_id++, std::move(command));
  if (line.ready()) ask();
  watch_deadlines();
}

void Forwarder::Impl::ask() {
  expire();  // what is late already was in nobody's hands
  const auto now = steady_clock::now();
  waiting.ask_all([&](std::uint64_t id, const WaitingCommand& command) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(command.deadline - now);
    pb::NodeRequest request;
    request.set_id(id);
    request.mutable_submit()->set_draft(command.draft);
    request.mutable_submit()->set_remaining_ms(
        static_cast<std::uint64_t>(std::max<std::int64_t>(left.count(), 1)));
    line.send(request);
  });
}

void Forwarder::Impl::hear(const pb::NodeReply& reply) {
  switch (reply.body_case()) {
    case pb::NodeReply::kAccepted:
    case pb::NodeReply::kError:
      return hear_outcome(reply);
    case pb::NodeReply::kHead:
      return hear_head(reply.head());
    case pb::NodeReply::kHello:
    case pb::NodeReply::BODY_NOT_SET:
      return;
  }
}

void Forwarder::Impl::hear_outcome(const pb::NodeReply& reply) {
  const auto* command = waiting.asked(reply.id());
  if (command == nullptr) return;  // its deadline came first
  auto outcome = outcome_of(reply);
  if (!outcome) {
    // The owner knows events that this program does not. It was done, and cannot be shown.
    spdlog::error(fmt::format("a reply of the owner: {}", outcome.error().message));
    return answer(waiting.take(reply.id()), owner::unknown_outcome());
  }
  if (!*outcome) {
    const auto& error = outcome->error();
    if (error.code == "outcome_unknown") return again(reply.id(), true);
    if (error.code == "owner_unavailable") return again(reply.id(), false);
    // "Not now" of this owner says nothing of one that was asked before it.
    const bool not_now = error.kind == ErrorClass::unavailable || error.kind == ErrorClass::retry;
    if (not_now && command->maybe_done) return again(reply.id(), false);
  }
  line.served();
  answer(waiting.take(reply.id()), std::move(*outcome));
}

void Forwarder::Impl::hear_head(const pb::NodeHead& head) {
  const std::lock_guard lock(mutex);
  heard = steady_clock::now();
  owner_health = head.has_health() ? Status(fail(from_wire(head.health()))) : Status();
}

void Forwarder::Impl::again(std::uint64_t id, bool maybe_done) {
  waiting.again(id, maybe_done);
  line.rest();
}

void Forwarder::Impl::answer(WaitingCommand command, owner::Outcome outcome) {
  release(command.draft.size());
  command.reply(std::move(outcome));
}

void Forwarder::Impl::expire() {
  for (auto& command : waiting.take_expired(steady_clock::now())) {
    auto outcome = at_the_end(command);
    answer(std::move(command), std::move(outcome));
  }
}

void Forwarder::Impl::watch_deadlines() {
  const auto next = waiting.next_deadline();
  if (!next || (watched && *watched <= *next)) return;
  watched = next;
  deadline_timer.expires_at(*next);
  deadline_timer.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;  // an earlier one is watched now
    watched.reset();
    expire();
    watch_deadlines();
  });
}

void Forwarder::Impl::stop() {
  if (!thread.joinable()) return;
  directory.on_owner_change({});
  auto never_taken = std::make_shared<std::vector<WaitingCommand>>(incoming->close());
  asio::post(io, [this, never_taken] {
    line.stop();
    deadline_timer.cancel();
    for (auto& command : *never_taken) answer(std::move(command), nobody_had_it());
    for (auto& command : waiting.take_all()) {
      auto outcome = at_the_end(command);
      answer(std::move(command), std::move(outcome));
    }
    work.reset();
  });
  thread.join();
}

Result<std::unique_ptr<Forwarder>> Forwarder::start(OwnerDirectory& directory,
                                                    ForwarderOptions options) {
  // Else the link would be cut whenever all are asked at once, again and again.
  FL_ASSERT(options.command_bytes + options.commands * kRequestOverhead <=
            options.limits.queued_bytes);
  std::set<Endpoint> nodes;
  for (const auto& url : options.nodes) {
    auto endpoint = parse_node_url(url, "node");
    if (!endpoint) return fail(endpoint.error());
    nodes.insert(*endpoint);
  }
  auto credentials = Credentials::load(options.certificates);
  if (!credentials) return fail(credentials.error());
  auto impl = std::make_unique<Impl>(directory, std::move(options), std::move(nodes),
                                     std::move(*credentials));
  auto* raw = impl.get();
  directory.on_owner_change([raw] { asio::post(raw->io, [raw] { raw->aim(); }); });
  asio::post(raw->io, [raw] { raw->aim(); });
  raw->thread = io_thread(raw->io);
  return std::unique_ptr<Forwarder>(new Forwarder(std::move(impl)));
}

Forwarder::Forwarder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Forwarder::~Forwarder() {
  stop();
}

void Forwarder::submit(ledger::Command command, owner::Reply reply, Deadline deadline) {
  auto draft = events::encode(command.draft);
  const auto bytes = draft.size();
  if (bytes + kRequestOverhead > impl_->options.limits.frame_bytes) {
    return reply(fail(ErrorClass::malformed, "command_too_large", "",
                      fmt::format("A command is at most {} bytes.",
                                  impl_->options.limits.frame_bytes - kRequestOverhead)));
  }
  if (!impl_->reserve(bytes)) return reply(nobody_had_it());
  const auto longest = steady_clock::now() + impl_->options.longest_wait;
  WaitingCommand waiting{std::move(draft), std::move(reply), std::min(deadline, longest)};
  if (impl_->incoming->put(std::move(waiting))) return;
  impl_->release(bytes);
  waiting.reply(nobody_had_it());
}

owner::LedgerHead Forwarder::head() const {
  return impl_->directory.head();
}
const pb::Genesis& Forwarder::genesis() const {
  return impl_->directory.genesis();
}

Status Forwarder::health() const {
  if (const auto owner = impl_->owner_at(impl_->directory.owner_url()); !owner)
    return fail(owner.error());
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->heard || steady_clock::now() - *impl_->heard > impl_->options.patience) {
    return unavailable("owner_silent", "The owner of the ledger does not answer.");
  }
  return impl_->owner_health;
}

void Forwarder::stop() {
  impl_->stop();
}

}  // namespace fl::nodes
