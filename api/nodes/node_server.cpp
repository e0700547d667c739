#include "api/nodes/node_server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "api/nodes/credentials.hpp"
#include "api/nodes/handoff.hpp"
#include "api/nodes/io_thread.hpp"
#include "api/nodes/link.hpp"
#include "api/nodes/node_url.hpp"
#include "api/nodes/wire.hpp"

namespace fl::nodes {
namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{50};  // out of descriptors: let some links end
constexpr std::chrono::seconds kBetweenWarnings{1};
constexpr std::uint64_t kLongestWaitMs =
    3'600'000;  // what a peer asks for does not overflow a clock

Failure listen_failed(const std::string& where, const boost::system::error_code& ec) {
  return fail(ErrorClass::unavailable, "listen_failed", "node-listen",
              fmt::format("Cannot listen on {}: {}", where, ec.message()));
}

Failure too_busy() {
  return fail(ErrorClass::unavailable, "owner_unavailable", "",
              "The owner has too many commands of this node in hand.");
}

}  // namespace

struct NodeServer::Impl {
  /// One peer.
  struct Session {
    std::shared_ptr<Link> link;
    std::string peer;
    bool greeted = false;  ///< it has shown its certificate
    std::size_t in_flight = 0;
    std::size_t bytes = 0;  ///< of the commands in flight
  };
  /// What the gate said, on its way to the peer.
  struct Answer {
    std::uint64_t session;
    std::uint64_t request;
    std::size_t bytes;
    owner::Outcome outcome;
  };

  Impl(owner::CommandGate& owner_gate, NodeServerOptions given, Credentials loaded)
      : gate(owner_gate),
        options(std::move(given)),
        credentials(std::move(loaded)),
        acceptor(io),
        pause(io),
        answers(std::make_shared<Handoff<Answer>>(
            io, [this](std::vector<Answer> taken) { reply(std::move(taken)); })) {}

  Status listen(const Endpoint& endpoint);
  void accept();
  void welcome(tcp::socket socket);
  bool make_room();
  void greet(std::uint64_t id);
  void take(std::uint64_t id, std::string_view message);
  void submit(std::uint64_t id, Session& session, const pb::NodeRequest& request);
  void reply(std::vector<Answer> taken);
  void forget(std::uint64_t id, const std::string& why);
  void send(Session& session, const pb::NodeReply& reply);
  void stop();

  owner::CommandGate& gate;
  const NodeServerOptions options;
  Credentials credentials;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::uint16_t port = 0;
  std::map<std::uint64_t, Session> sessions;  ///< by age
  std::uint64_t next_session = 1;
  std::atomic<std::size_t> opened = 0;
  steady_clock::time_point warned;
  bool stopping = false;
  std::shared_ptr<Handoff<Answer>> answers;
  std::thread thread;
};

Status NodeServer::Impl::listen(const Endpoint& endpoint) {
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(endpoint.host, ec);
  if (ec) return listen_failed(options.listen, ec);
  acceptor.open(tcp::endpoint(address, endpoint.port).protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(tcp::endpoint(address, endpoint.port), ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return listen_failed(options.listen, ec);
  port = acceptor.local_endpoint(ec).port();
  return {};
}

void NodeServer::Impl::accept() {
  acceptor.async_accept([this](const boost::system::error_code& ec, tcp::socket socket) {
    if (stopping) return;
    if (!ec) {
      welcome(std::move(socket));
      return accept();
    }
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const boost::system::error_code&) {
      if (!stopping) accept();
    });
  });
}

/// Strangers may open as many connections as they like: none of them keeps a node out.
bool NodeServer::Impl::make_room() {
  if (sessions.size() < options.links) return true;
  const auto stranger = std::find_if(sessions.begin(), sessions.end(),
                                     [](const auto& entry) { return !entry.second.greeted; });
  if (stranger == sessions.end()) return false;
  stranger->second.link->drop();
  sessions.erase(stranger);
  return true;
}

void NodeServer::Impl::welcome(tcp::socket socket) {
  if (!make_room()) return;
  const auto id = next_session++;
  boost::system::error_code ec;
  const auto from = socket.remote_endpoint(ec);
  auto& session = sessions[id];
  session.peer = ec ? "?" : from.address().to_string();
  session.link = Link::accept(
      std::move(socket), credentials.server(), options.limits,
      {[this, id] { greet(id); }, [this, id](std::string_view message) { take(id, message); },
       [this, id](const std::string& why) { forget(id, why); }});
}

void NodeServer::Impl::greet(std::uint64_t id) {
  auto& session = sessions.at(id);
  session.greeted = true;
  ++opened;
  pb::NodeReply reply;
  reply.mutable_hello()->set_version(kLinkVersion);
  reply.mutable_hello()->set_ledger_id(gate.genesis().ledger_id());
  send(session, reply);
}

void NodeServer::Impl::take(std::uint64_t id, std::string_view message) {
  auto& session = sessions.at(id);
  pb::NodeRequest request;
  if (!request.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    session.link->drop();
    return forget(id, "it sends what cannot be read");
  }
  pb::NodeReply reply;
  reply.set_id(request.id());
  switch (request.body_case()) {
    case pb::NodeRequest::kSubmit:
      return submit(id, session, request);
    case pb::NodeRequest::kHead:
      *reply.mutable_head() = to_wire(gate.head(), gate.health());
      return send(session, reply);
    case pb::NodeRequest::BODY_NOT_SET:
      *reply.mutable_error() = to_wire({ErrorClass::malformed, "request_unknown", "body",
                                        "This node does not know such a request."});
      return send(session, reply);
  }
}

void NodeServer::Impl::submit(std::uint64_t id, Session& session, const pb::NodeRequest& request) {
  const auto bytes = request.submit().draft().size();
  if (session.in_flight >= options.commands_a_link ||
      session.bytes + bytes > options.command_bytes_a_link) {
    return send(session, reply_of(request.id(), too_busy()));
  }
  auto draft = events::decode<pb::LedgerEvent>(request.submit().draft());
  if (!draft) return send(session, reply_of(request.id(), fail(draft.error())));
  ++session.in_flight;
  session.bytes += bytes;
  const auto remaining = std::min(request.submit().remaining_ms(), kLongestWaitMs);
  gate.submit(
      {std::move(*draft)},
      [to = answers, id, request_id = request.id(), bytes](owner::Outcome outcome) {
        to->put({id, request_id, bytes, std::move(outcome)});
      },
      steady_clock::now() + std::chrono::milliseconds(remaining));
}

void NodeServer::Impl::reply(std::vector<Answer> taken) {
  for (auto& answer : taken) {
    const auto found = sessions.find(answer.session);
    if (found == sessions.end()) continue;  // it asks again, by another link
    --found->second.in_flight;
    found->second.bytes -= answer.bytes;
    send(found->second, reply_of(answer.request, answer.outcome));
  }
}

void NodeServer::Impl::send(Session& session, const pb::NodeReply& reply) {
  auto bytes = reply.SerializeAsString();
  if (bytes.size() > options.limits.frame_bytes) {
    // It was carried out, and cannot be shown in one message.
    bytes = reply_of(reply.id(), owner::unknown_outcome()).SerializeAsString();
  }
  session.link->send(bytes);
}

void NodeServer::Impl::forget(std::uint64_t id, const std::string& why) {
  const auto found = sessions.find(id);
  if (found == sessions.end()) return;
  const auto now = steady_clock::now();
  if (now - warned > kBetweenWarnings) {  // a stranger does not fill the disk
    warned = now;
    spdlog::warn(fmt::format("the link of {} has ended: {}", found->second.peer, why));
  }
  if (found->second.greeted) --opened;
  sessions.erase(found);
}

void NodeServer::Impl::stop() {
  if (!thread.joinable()) return;
  answers->close();
  asio::post(io, [this] {
    stopping = true;
    boost::system::error_code ec;
    acceptor.close(ec);
    pause.cancel();
    for (auto& [id, session] : sessions) session.link->drop();
    sessions.clear();
    opened = 0;
  });
  thread.join();
}

Result<std::unique_ptr<NodeServer>> NodeServer::start(owner::CommandGate& gate,
                                                      NodeServerOptions options) {
  const auto endpoint = parse_listen(options.listen, "node-listen");
  if (!endpoint) return fail(endpoint.error());
  auto credentials = Credentials::load(options.certificates);
  if (!credentials) return fail(credentials.error());
  auto impl = std::make_unique<Impl>(gate, std::move(options), std::move(*credentials));
  if (auto listening = impl->listen(*endpoint); !listening) return fail(listening.error());
  impl->accept();
  impl->thread = io_thread(impl->io);
  return std::unique_ptr<NodeServer>(new NodeServer(std::move(impl)));
}

NodeServer::NodeServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NodeServer::~NodeServer() {
  stop();
}
std::uint16_t NodeServer::port() const {
  return impl_->port;
}
std::size_t NodeServer::links() const {
  return impl_->opened;
}
void NodeServer::stop() {
  impl_->stop();
}

}  // namespace fl::nodes
