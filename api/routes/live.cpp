#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <set>

#include "api/auth.hpp"
#include "api/http/await_callback.hpp"
#include "api/http/json_reader.hpp"
#include "api/live/hub.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/secrets/sessions.hpp"
#include "projections/policy.hpp"

namespace fl::api {
namespace {

using nlohmann::json;
using Socket = std::shared_ptr<http::WebSocket>;

constexpr std::size_t kSubscriptions = 100;  // of one socket

json problem(const Error& error) {
  return {
      {"type", "error"}, {"code", error.code}, {"field", error.field}, {"message", error.message}};
}

/// The channel of a name, if this account may listen to it.
Result<Channel> find_channel(Platform& platform, const AccountId& account,
                             const std::string& name) {
  const auto view = platform.store.view();
  if (name == "notices") return Channel{Channel::Kind::notices, account.raw(), name};
  if (name.starts_with("post:")) {
    const auto id = PostId::parse(name.substr(5));
    const auto post = id ? platform.models.catalogue.post(view, *id) : std::nullopt;
    if (post && ledger::decide_access(ledger::Artefact::listing,
                                      projections::access_facts(platform.models, view, account,
                                                                *post, platform.clock.now()))
                    .allowed) {
      return Channel{Channel::Kind::post, id->raw(), name};
    }
  }
  if (name.starts_with("conversation:")) {
    // Named by the other one, so nobody can ask for a conversation that is not their own.
    const auto other = platform.models.accounts.by_username(view, name.substr(13));
    if (other) {
      return Channel{Channel::Kind::conversation, conversation_of(account, other->id).raw(), name};
    }
  }
  return fail(ErrorClass::not_found, "channel_unknown", "channel", "There is no such channel.");
}

/// The hub has done its part before the next message is read, so what one socket asks for never
/// piles up.
awaitable<Status> handle(Platform& platform, const Socket& socket, const AccountId& account,
                         std::set<std::string>& channels, http::Fields fields) {
  const auto type = fields.required_choice("type", {"subscribe", "unsubscribe", "ping"});
  if (type == "ping") {
    if (auto status = fields.finish(); !status) co_return status;
    socket->send(json{{"type", "pong"}}.dump());
    co_return Status{};
  }
  const auto name = fields.required_string("channel", 1, 100);
  const auto cursor_text = fields.optional_string("cursor", 1, 200);
  if (auto status = fields.finish(); !status) co_return status;
  if (type == "unsubscribe") {
    channels.erase(name);
    co_return co_await http::await_callback<Status>([&](std::function<void(Status)> done) {
      platform.hub().unsubscribe(socket, name, [done = std::move(done)] { done({}); });
    });
  }
  if (channels.size() >= kSubscriptions && !channels.contains(name)) {
    co_return fail(ErrorClass::refused, "too_many_channels", "channel",
                   "At most " + std::to_string(kSubscriptions) + " channels on one socket.");
  }
  std::optional<projections::PositionToken> cursor;
  if (cursor_text) {
    auto parsed = projections::PositionToken::parse(*cursor_text);
    if (!parsed) {
      auto error = parsed.error();
      error.field = "cursor";
      co_return fail(error);
    }
    cursor = *parsed;
  }
  auto channel = find_channel(platform, account, name);
  if (!channel) co_return fail(channel.error());
  channels.insert(name);
  co_return co_await http::await_callback<Status>([&](std::function<void(Status)> done) {
    platform.hub().subscribe(socket, account, std::move(*channel), cursor,
                             [done = std::move(done)] { done({}); });
  });
}

/// Strangers' sockets do not stay: else a few of them would hold every connection there may be.
awaitable<Result<std::string>> first_message(Socket socket, std::chrono::milliseconds patience) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(
      co_await boost::asio::this_coro::executor, patience);
  timer->async_wait([socket, timer](boost::system::error_code error) {
    if (!error) socket->close(http::close_code::kPolicy, "login_required");
  });
  auto text = co_await socket->receive();
  timer->cancel();
  co_return text;
}

/// The session's token. A browser cannot set fields on a WebSocket: it sends its token as the first
/// message, never in the address.
awaitable<Result<std::string>> token_of(RequestContext& context, const Socket& socket,
                                        std::chrono::milliseconds patience) {
  if (context.identity().account) co_return session_token(context.request());
  auto text = co_await first_message(socket, patience);
  if (!text) co_return fail(text.error());
  auto parsed = http::parse_json(*text);
  if (!parsed) co_return fail(parsed.error());
  auto fields = http::Fields::of_json(std::move(*parsed));
  fields.required_choice("type", {"auth"});
  const auto token = fields.required_string("token", 1, 200);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  co_return token;
}

/// A socket that ends with its session, and what it listens to with the socket.
class Attached {
 public:
  Attached(Hub& hub, secrets::Session session, Socket socket)
      : hub_(hub), session_(session), socket_(std::move(socket)) {
    hub_.sockets().add(session_, socket_);
  }
  ~Attached() {
    hub_.sockets().remove(session_.id, socket_);
    hub_.forget(socket_);
  }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  const AccountId& account() const { return session_.account; }

 private:
  Hub& hub_;
  const secrets::Session session_;
  const Socket socket_;
};

Result<std::unique_ptr<Attached>> attach(Platform& platform, const std::string& token,
                                         const Socket& socket) {
  const auto find = [&] { return platform.sessions.find(token, platform.clock.now()); };
  if (const auto session = find()) {
    auto attached = std::make_unique<Attached>(platform.hub(), *session, socket);
    // It may have ended when the hub did not know of the socket yet.
    if (find()) return attached;
  }
  return fail(ErrorClass::unauthorized, "login_required", "token",
              "The session is unknown or over.");
}

awaitable<Result<std::unique_ptr<Attached>>> authenticate(RequestContext& context,
                                                          Platform& platform,
                                                          const Socket& socket) {
  const auto token = co_await token_of(context, socket, platform.options().live.login);
  if (!token) co_return fail(token.error());
  co_return attach(platform, *token, socket);
}

awaitable<Status> live(RequestContext& context, Socket socket, Platform& platform) {
  if (auto accepted = co_await socket->accept(); !accepted) co_return accepted;
  const auto attached = co_await authenticate(context, platform, socket);
  if (!attached) {
    if (attached.error().code == "websocket_closed") co_return Status{};
    socket->send(problem(attached.error()).dump());
    co_return fail(attached.error());
  }
  const auto account = (*attached)->account();
  socket->send(json{{"type", "ready"}, {"account", account.str()}}.dump());
  std::set<std::string> channels;
  while (true) {
    auto text = co_await socket->receive();
    if (!text) co_return Status{};
    auto parsed = http::parse_json(*text);
    if (!parsed) {
      socket->send(problem(parsed.error()).dump());
      continue;
    }
    const auto status = co_await handle(platform, socket, account, channels,
                                        http::Fields::of_json(std::move(*parsed)));
    if (!status) socket->send(problem(status.error()).dump());
  }
}

}  // namespace

void add_live_routes(http::Router& router, Platform& platform) {
  router.websocket("/v1/live", http::Access::optional_account,
                   "What happens, as it happens: posts, conversations, notices; resumes by cursor",
                   [&platform](RequestContext& context, Socket socket) {
                     return live(context, std::move(socket), platform);
                   });
}

}  // namespace fl::api
