#include "tests/nodes/fake_nodes.hpp"

#include <thread>

#include "cli/nodes/authority.hpp"
#include "core/events/codec.hpp"
#include "core/owner/clock.hpp"
#include "tests/ledger/world.hpp"

namespace fl::test {
namespace {

Instant now() {
  return owner::SystemClock().now();
}

owner::LedgerHead head_of(const pb::Genesis& genesis) {
  owner::LedgerHead head;
  head.ledger_id = genesis.ledger_id();
  head.next_event_seq = 42;
  return head;
}

}  // namespace

bool Deployment::make() const {
  const auto made = cli::create_authority(dir_ / "ca", now());
  if (!made) FAIL(made.error().message);
  return true;
}

std::filesystem::path Deployment::node(const std::string& host, Duration age) const {
  auto folder = dir_ / ("node-" + std::to_string(++nodes_));
  cli::CertificateOrder order;
  order.hosts = {host};
  order.days = 30;
  const auto made = cli::issue_certificate(dir_ / "ca", order, folder, {now().ms - age.ms});
  if (!made) FAIL(made.error().message);
  return folder;
}

FakeGate::FakeGate(Answer answer) : genesis_(test_genesis()), answer_(std::move(answer)) {}

FakeGate::Answer FakeGate::accept_all() {
  return [](const pb::LedgerEvent& draft) { return accepted(draft); };
}
FakeGate::Answer FakeGate::hold_all() {
  return [](const pb::LedgerEvent&) { return std::nullopt; };
}
FakeGate::Answer FakeGate::refuse_all(Error error) {
  return [error = std::move(error)](const pb::LedgerEvent&) -> std::optional<owner::Outcome> {
    return owner::Outcome(fail(error));
  };
}

void FakeGate::submit(ledger::Command command, owner::Reply reply, Deadline deadline) {
  std::optional<owner::Outcome> outcome;
  {
    const std::lock_guard lock(mutex_);
    outcome = answer_(command.draft);
    taken_.push_back({std::move(command.draft), deadline});
    if (!outcome) held_.push_back(reply);
    changed_.notify_all();
  }
  if (outcome) reply(std::move(*outcome));
}

owner::LedgerHead FakeGate::head() const {
  std::function<void()> hook;
  {
    const std::lock_guard lock(mutex_);
    hook = on_head_;
  }
  if (hook) hook();
  return head_of(genesis_);
}

Status FakeGate::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}
void FakeGate::say(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}
void FakeGate::set_health(Status health) {
  const std::lock_guard lock(mutex_);
  health_ = std::move(health);
}
void FakeGate::on_head(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  on_head_ = std::move(hook);
}
std::vector<FakeGate::Taken> FakeGate::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}
void FakeGate::await_taken(std::size_t count) const {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, kPatience, [&] { return taken_.size() >= count; }));
}
std::vector<owner::Reply> FakeGate::held() {
  const std::lock_guard lock(mutex_);
  return std::exchange(held_, {});
}

owner::Outcome accepted(pb::LedgerEvent event, std::uint64_t seq, bool repeated) {
  return owner::Accepted{std::move(event), {seq, seq + 1, 3, Instant{1'767'225'600'123}}, repeated};
}

FakeDirectory::FakeDirectory(std::string url) : genesis_(test_genesis()), url_(std::move(url)) {}
void FakeDirectory::set_owner(const std::string& url) {
  const std::lock_guard lock(mutex_);
  url_ = url;
  if (listener_) listener_();
}
std::string FakeDirectory::owner_url() const {
  const std::lock_guard lock(mutex_);
  return url_;
}
void FakeDirectory::on_owner_change(std::function<void()> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}
owner::LedgerHead FakeDirectory::head() const {
  return head_of(genesis_);
}

nodes::LinkLimits patient() {
  nodes::LinkLimits limits;
  limits.opening = limits.silence = limits.frame_time = std::chrono::seconds(60);
  return limits;
}
nodes::LinkLimits hasty() {
  nodes::LinkLimits limits;
  limits.opening = limits.silence = limits.frame_time = std::chrono::milliseconds(300);
  limits.sign_of_life = std::chrono::milliseconds(50);
  return limits;
}

Node::Node(owner::CommandGate& gate, const std::filesystem::path& certificates,
           const std::string& host, const nodes::LinkLimits& limits) {
  auto started = nodes::NodeServer::start(
      gate, {.listen = "127.0.0.1:0", .certificates = certificates, .limits = limits});
  if (!started) FAIL(started.error().message);
  server = std::move(*started);
  url = "tls://" + host + ":" + std::to_string(server->port());
}

std::unique_ptr<nodes::Forwarder> forward(FakeDirectory& directory,
                                          const std::filesystem::path& certificates,
                                          std::vector<std::string> nodes,
                                          std::function<void(nodes::ForwarderOptions&)> set) {
  nodes::ForwarderOptions options;
  options.nodes = std::move(nodes);
  options.certificates = certificates;
  options.limits = patient();
  options.longest_wait = kPatience;
  if (set) set(options);
  auto started = nodes::Forwarder::start(directory, options);
  if (!started) FAIL(started.error().message);
  return std::move(*started);
}

Pending ask(owner::CommandGate& gate, pb::LedgerEvent draft,
            owner::CommandGate::Deadline deadline) {
  auto promise = std::make_shared<std::promise<owner::Outcome>>();
  auto pending = promise->get_future();
  gate.submit(
      {std::move(draft)},
      [promise](owner::Outcome outcome) { promise->set_value(std::move(outcome)); }, deadline);
  return pending;
}
owner::Outcome answer_of(Pending pending) {
  REQUIRE(pending.wait_for(2 * kPatience) == std::future_status::ready);
  return pending.get();
}
owner::CommandGate::Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
void await(const std::function<bool()>& condition) {
  const auto end = in(kPatience);
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::yield();
  }
}

pb::LedgerEvent numbered(int number) {
  auto event = draft::tip("bob", "ann", usd(100 + number));
  stamp(event, "command " + std::to_string(number));
  return event;
}

}  // namespace fl::test
