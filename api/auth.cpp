#include "api/auth.hpp"

#include "api/http/blocking_pool.hpp"
#include "api/requests.hpp"
#include "core/owner/clock.hpp"
#include "core/secrets/secret_store.hpp"
#include "core/secrets/sessions.hpp"
#include "projections/read_models.hpp"
#include "projections/store.hpp"

namespace fl::api {
namespace {

Failure unauthorized(const char* message) {
  return fail(ErrorClass::unauthorized, "login_required", "Authorization", message);
}

std::string cookie(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.get("Cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    auto pair = rest.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return std::string(pair.substr(name.size() + 1));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

using boost::asio::awaitable;

/// Finds out who calls. Where other nodes make sessions too, one that is not known here is looked
/// for once more: whoever logged in there a moment ago is no stranger.
class Callers {
 public:
  explicit Callers(Platform& platform) : platform_(platform) {
    if (platform.is_shared()) pool_ = std::make_unique<http::BlockingPool>(1, kMostLookUps);
  }

  awaitable<Result<http::Identity>> identify(const http::Request& request, bool required) {
    const auto token = session_token(request);
    if (token.empty()) {
      if (required) co_return unauthorized("Log in, and send the session's token.");
      co_return http::Identity{};
    }
    auto session = platform_.sessions.find(token, platform_.clock.now());
    if (!session && pool_) {
      auto& secrets = platform_.secret_store;
      if (auto read = co_await pool_->run([&secrets] { return secrets.refresh(); }); !read) {
        co_return fail(read.error());
      }
      session = platform_.sessions.find(token, platform_.clock.now());
    }
    if (!session) co_return unauthorized("The session is unknown or over: log in again.");
    http::Identity identity;
    identity.account = session->account;
    identity.session = session->id.str();
    co_return identity;
  }

  /// With what the account is: a fan or a creator, for ever.
  awaitable<Result<http::Identity>> identify_role(const http::Request& request) {
    auto identity = co_await identify(request, true);
    if (!identity) co_return identity;
    try {
      const auto row = platform_.models.accounts.by_id(platform_.store.view(), *identity->account);
      if (!row) co_return account_not_read_yet();
      identity->creator = row->creator;
      co_return identity;
    } catch (const projections::StorageError&) {
      co_return storage_failure();
    }
  }

 private:
  static constexpr std::size_t kMostLookUps = 256;  ///< that wait; more is an attack, and told so
  Platform& platform_;
  std::unique_ptr<http::BlockingPool> pool_;
};

}  // namespace

std::string session_token(const http::Request& request) {
  const auto bearer = request.bearer_token();
  return bearer.empty() ? cookie(request, kSessionCookie) : std::string(bearer);
}

http::Authenticator make_authenticator(Platform& platform) {
  return [callers = std::make_shared<Callers>(platform)](
             const http::Request& request,
             http::Access access) -> boost::asio::awaitable<Result<http::Identity>> {
    switch (access) {
      case http::Access::anyone:
      case http::Access::staff_signature:
        co_return http::Identity{};
      case http::Access::optional_account:
        co_return co_await callers->identify(request, false);
      case http::Access::account:
        co_return co_await callers->identify(request, true);
      case http::Access::creator:
        co_return co_await callers->identify_role(request);
      case http::Access::auditor:
      case http::Access::node:
        break;
    }
    co_return fail(ErrorClass::refused, "caller_not_allowed", "", "Nobody may call this yet.");
  };
}

}  // namespace fl::api
