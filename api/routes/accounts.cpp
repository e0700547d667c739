#include <algorithm>

#include "api/auth.hpp"
#include "api/http/blocking_pool.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "api/turns.hpp"
#include "core/base/encoding.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/email_address.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/password_rules.hpp"
#include "core/secrets/passwords.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/sessions.hpp"
#include "core/secrets/subject_keys.hpp"
#include "core/secrets/username.hpp"

namespace fl::api {
namespace {

struct SignUp {
  secrets::EmailAddress email;
  std::string password;
  std::string username;  ///< empty: to be generated
  pb::Role role;
};

Result<SignUp> read_sign_up(const RequestContext& context) {
  auto fields = context.fields();
  const auto email_text = fields.required_string("email", 3, 254);
  const auto password = fields.required_string("password", 1, 1000);
  const auto repeated = fields.required_string("password_repeat", 1, 1000);
  const auto username = fields.optional_string("username", 1, 100).value_or("");
  const auto role = fields.required_choice("role", {"fan", "creator"});
  if (auto status = fields.finish(); !status) return fail(status.error());
  auto email = secrets::EmailAddress::parse(email_text);
  if (!email) return fail(email.error());
  if (password != repeated) {
    return fail(ErrorClass::malformed, "passwords_differ", "password_repeat",
                "The two passwords are not the same.");
  }
  if (!username.empty()) {
    if (auto status = secrets::check_username(username); !status) return fail(status.error());
  }
  if (auto status = secrets::check_new_password(password, username, email->str()); !status) {
    return fail(status.error());
  }
  return SignUp{std::move(*email), password, username,
                role == "creator" ? pb::ROLE_CREATOR : pb::ROLE_FAN};
}

/// The secrets of an account are durable before the first event that needs them. Those of a sign-up
/// that the ledger then refuses are taken back.
Status prepare_secrets(Platform& platform, const AccountId& account, const SignUp& sign_up) {
  if (auto status = platform.subject_keys.ensure(account); !status) return status;
  if (platform.passwords.has(account)) return {};  // the same request again
  return platform.passwords.set(account, sign_up.password, platform.clock.now());
}

/// All visitors are one caller to the ledger, which would take two with the same key for one that
/// asks twice. So their commands have ids of the key and of whose e-mail address it is (its index,
/// which tells nobody the address): the same visitor's request repeats, another's is another.
Result<std::string> visitor_command_id(const RequestContext& context, Platform& platform,
                                       const Digest& email_index) {
  const auto key = command_id(context, platform, IdempotencyKey::optional);
  if (!key) return fail(key.error());
  // As the ledger's rule is, which sees the derived id alone.
  if (!std::ranges::all_of(*key, [](char c) { return c >= ' ' && c <= '~'; })) {
    return fail(ErrorClass::malformed, "command_id_malformed", std::string(kIdempotencyHeader),
                "An idempotency key is printable ASCII.");
  }
  const std::string_view zero("\0", 1);
  return "visitor-" +
         to_base64url(
             sha256({"fanledger visitor command v1", zero, email_index.view(), *key}).view());
}

/// A refusal is certain, an unknown outcome is not. And whatever this request was told, another
/// node may have carried it out: the secrets stay unless the ledger, as far as it reaches now, has
/// no such account.
awaitable<bool> surely_not_open(Platform& platform, const AccountId& account, const Error& why) {
  if (why.kind == ErrorClass::retry || why.code == "idempotency_key_reused") co_return false;
  projections::PositionToken end;
  end.set(log::Stream::ledger, 0, platform.gate.head().next_offset);
  if (!co_await await_position(platform, end)) co_return false;
  co_return !platform.models.accounts.by_id(platform.store.view(), account);
}

/// Of one account one sign-up at a time: what a refused one takes back would be what another has
/// just been accepted with.
using SignUps = Turns<AccountId>;

awaitable<Result<Response>> sign_up(RequestContext& context, Platform& platform, SignUps& others) {
  auto request = read_sign_up(context);
  if (!request) co_return fail(request.error());
  const auto index = request->email.index(platform.keyring.index());
  auto id = visitor_command_id(context, platform, index);
  if (!id) co_return fail(id.error());
  const auto account = derive_id<AccountId>("account", "", *id);
  const auto turn = others.begin(account);
  if (!turn) {
    co_return fail(ErrorClass::retry, "request_in_progress", std::string(kIdempotencyHeader),
                   "The same sign-up is being carried out: send it again.");
  }
  const bool known = platform.passwords.has(account);

  auto prepared =
      co_await platform.hashing.run([&] { return prepare_secrets(platform, account, *request); });
  if (!prepared) co_return fail(prepared.error());
  auto sealed = platform.subject_keys.seal_text(account, "account.email", request->email.str());
  if (!sealed) co_return fail(sealed.error());

  pb::LedgerEvent draft;
  auto* origin = draft.mutable_origin();
  origin->set_caller_kind(pb::CALLER_KIND_VISITOR);
  origin->set_command_id(*id);
  // Not over the password: no digest of it stands in the ledger, not even a keyed one.
  origin->set_command_mac(request_mac(platform, "sign_up", index.view(),
                                      request->username + "/" + std::to_string(request->role))
                              .str());
  auto* body = draft.mutable_account_opened();
  body->set_account(account.raw());
  body->set_role(request->role);
  body->set_email_index(index.str());
  *body->mutable_email() = *sealed;

  owner::Outcome outcome = fail(Error{});
  constexpr unsigned kNameAttempts = 5;
  for (unsigned attempt = 0; attempt < kNameAttempts; ++attempt) {
    body->set_username(request->username.empty() ? secrets::generate_username(account, attempt)
                                                 : request->username);
    outcome = co_await submit(platform, draft);
    if (outcome || outcome.error().code != "username_taken" || !request->username.empty()) break;
  }
  if (!outcome) {
    if (!known && co_await surely_not_open(platform, account, outcome.error())) {
      auto erased =
          co_await context.on_blocking_pool([&] { return platform.passwords.erase(account); });
      if (!erased) co_return fail(erased.error());
    }
    co_return fail(outcome.error());
  }
  const auto& opened = outcome->event.account_opened();
  co_return written(*outcome, {{"id", account.str()},
                               {"username", opened.username()},
                               {"role", opened.role() == pb::ROLE_CREATOR ? "creator" : "fan"}});
}

std::optional<AccountId> find_login(Platform& platform, const std::string& login) {
  const auto view = platform.store.view();
  if (login.find('@') == std::string::npos) {
    const auto row = platform.models.accounts.by_username(view, login);
    return row ? std::optional(row->id) : std::nullopt;
  }
  const auto email = secrets::EmailAddress::parse(login);
  if (!email) return std::nullopt;
  const auto row =
      platform.models.accounts.by_email_index(view, email->index(platform.keyring.index()));
  return row ? std::optional(row->id) : std::nullopt;
}

awaitable<Result<Response>> log_in(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto login = fields.required_string("login", 1, 254);
  const auto password = fields.required_string("password", 1, 1000);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  const auto account = find_login(platform, login);
  auto check =
      co_await platform.hashing.run([&] { return platform.passwords.check(account, password); });
  if (!check) co_return fail(check.error());
  if (*check == secrets::PasswordCheck::wrong || !account) {
    co_return fail(ErrorClass::unauthorized, "login_wrong", "password",
                   "There is no account of this name with this password.");
  }
  auto token = co_await context.on_blocking_pool(
      [&] { return platform.sessions.create(*account, platform.clock.now()); });
  if (!token) co_return fail(token.error());
  const auto lifetime = secrets::Sessions::kLifetime.ms / 1000;
  co_return Response::json(
      {{"token", *token}, {"account", account->str()}, {"expires_in", lifetime}}, 201)
      .set("Set-Cookie",
           std::string(kSessionCookie) + "=" + *token +
               "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(lifetime));
}

awaitable<Result<Response>> log_out(RequestContext& context, Platform& platform) {
  const auto token = session_token(context.request());
  auto done = co_await context.on_blocking_pool([&] { return platform.sessions.revoke(token); });
  if (!done) co_return fail(done.error());
  co_return Response::empty().set(
      "Set-Cookie",
      std::string(kSessionCookie) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

}  // namespace

void add_account_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {post, "/v1/accounts", http::Access::anyone, http::Body::json,
             "Sign up as a fan or a creator"},
            [&platform, others = std::make_shared<SignUps>()](RequestContext& context) {
              return sign_up(context, platform, *others);
            });
  add_route(router, platform,
            {post, "/v1/sessions", http::Access::anyone, http::Body::json,
             "Log in by e-mail or username; answers the session's token"},
            [&platform](RequestContext& context) { return log_in(context, platform); });
  add_route(router, platform,
            {delete_, "/v1/sessions/current", http::Access::account, http::Body::none, "Log out"},
            [&platform](RequestContext& context) { return log_out(context, platform); });
}

}  // namespace fl::api
