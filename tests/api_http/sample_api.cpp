#include "tests/api_http/sample_api.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "core/base/assert.hpp"
#include "tests/api_http/raw_client.hpp"

namespace fl::test {
using namespace fl::http;
using boost::asio::awaitable;
using nlohmann::json;

namespace {

awaitable<Result<Response>> hello(RequestContext& context) {
  auto query = context.query();
  const auto name = query.optional_string("name", 1, 20);
  const auto limit = query.optional_integer("limit", 1, 100);
  if (auto ok = query.finish(); !ok) co_return fail(ok.error());
  co_return Response::json({{"hello", name.value_or("world")}, {"limit", limit.value_or(10)}});
}

awaitable<Result<Response>> get_post(RequestContext& context) {
  const auto id = context.id_param<PostId>("post");
  if (!id) co_return fail(id.error());
  co_return Response::json({{"post", id->str()}});
}

awaitable<Result<Response>> make_post(RequestContext& context) {
  auto fields = context.fields();
  const auto caption = fields.required_string("caption", 1, 10);
  const auto price = fields.optional_money("price", 1);
  const auto tags = fields.optional_strings("tags", 0, 3, 8);
  if (auto ok = fields.finish(); !ok) co_return fail(ok.error());
  if (price && price->amount > 1000) {
    co_return fail(ErrorClass::refused, "insufficient_funds", "price", "Too dear.");
  }
  co_return Response::json({{"caption", caption}, {"by", context.account().str()}}, 201)
      .set("Location", "/v1/posts/" + caption);
}

awaitable<Result<Response>> refuse(RequestContext& context) {
  const std::string kind(context.param("kind"));
  const auto error = [&](ErrorClass c) { return fail(c, kind, "", "As asked."); };
  if (kind == "malformed") co_return error(ErrorClass::malformed);
  if (kind == "unauthorized") co_return error(ErrorClass::unauthorized);
  if (kind == "refused") co_return error(ErrorClass::refused);
  if (kind == "conflict") co_return error(ErrorClass::conflict);
  if (kind == "retry") co_return error(ErrorClass::retry);
  if (kind == "unavailable") co_return error(ErrorClass::unavailable);
  if (kind == "teapot") co_return error(ErrorClass::refused);
  if (kind == "throw") throw std::runtime_error("a defect of a handler");
  co_return error(ErrorClass::not_found);
}

awaitable<Result<Response>> twice_on_pool(RequestContext& context) {
  auto work = [] { return 21 * 2; };
  const auto value = co_await context.on_blocking_pool(std::move(work));
  if (!value) co_return fail(value.error());
  co_return Response::json({{"value", *value}});
}

awaitable<Result<Response>> by_callback(RequestContext&) {
  std::function<void(std::function<void(int)>)> start = [](std::function<void(int)> done) {
    std::thread([done] {
      done(7);
      done(8);  // only the first call counts
    }).detach();
  };
  const int value = co_await await_callback<int>(std::move(start));
  co_return Response::json({{"value", value}});
}

awaitable<Result<Response>> dropped_callback(RequestContext&) {
  std::function<void(std::function<void(int)>)> start = [](std::function<void(int)>) {};
  const int value = co_await await_callback<int>(std::move(start));
  co_return Response::json({{"value", value}});
}

awaitable<Result<Response>> count_up(RequestContext&) {
  auto n = std::make_shared<int>(0);
  PieceSource next = [n]() -> awaitable<Result<std::string>> {
    if (*n == 3) co_return std::string();
    co_return "line " + std::to_string(++*n) + "\n";
  };
  co_return Response::stream("text/plain", std::move(next));
}

awaitable<Result<Response>> big(RequestContext&) {
  co_return Response::bytes(std::string(32 * 1024 * 1024, 'x'), "application/octet-stream");
}

awaitable<Result<Identity>> authenticate(const Request& request, Access access) {
  if (access == Access::staff_signature) {
    if (request.headers.get("Signature") != request.body) {
      co_return fail(ErrorClass::unauthorized, "bad_signature", "", "The signature is wrong.");
    }
    Identity staff;
    staff.staff_key = KeyId{};
    co_return staff;
  }
  const auto token = request.bearer_token();
  if (token.empty() && access == Access::optional_account) co_return Identity{};
  if (token.empty()) co_return Identity{};  // the edge refuses for want of an account
  if (token != SampleApi::kToken && token != SampleApi::kCreatorToken) {
    co_return fail(ErrorClass::unauthorized, "bad_token", "", "This token is not known.");
  }
  Identity identity;
  identity.account = derive_id<AccountId>("test", "", "alice");
  identity.creator = token == SampleApi::kCreatorToken;
  co_return identity;
}

}  // namespace

Limits SampleApi::patient_limits() {
  Limits limits;
  limits.header_read = limits.body_stall = limits.body_grace = Limits::Millis(20'000);
  limits.linger = Limits::Millis(100);
  limits.websocket_queue_messages = 64;
  limits.websocket_queue_bytes = 256 * 1024;
  return limits;
}

Limits SampleApi::quick_limits() {
  Limits limits = patient_limits();
  limits.header_read = Limits::Millis(300);
  limits.keep_alive_idle = Limits::Millis(2000);
  limits.body_stall = Limits::Millis(300);
  limits.body_grace = Limits::Millis(600);
  limits.body_bytes_per_second = 100;
  limits.write_stall = Limits::Millis(400);
  return limits;
}

Router SampleApi::routes() {
  Router router;
  router.add({Method::get, "/v1/hello", Access::anyone, Body::none, "Says hello"}, hello);
  router.add({Method::get, "/v1/posts/{post}", Access::optional_account, Body::none, "A post"},
             get_post);
  router.add({Method::post, "/v1/posts", Access::account, Body::json, "Makes a post"}, make_post);
  router.add({Method::post, "/v1/studio", Access::creator, Body::none, "For creators"},
             [](RequestContext&) -> awaitable<Result<Response>> { co_return Response::empty(); });
  router.add({Method::get, "/v1/refusals/{kind}", Access::anyone, Body::none, "Refuses"}, refuse);
  router.add({Method::get, "/v1/pool", Access::anyone, Body::none, "Works"}, twice_on_pool);
  router.add({Method::get, "/v1/callback", Access::anyone, Body::none, "Waits"}, by_callback);
  router.add({Method::get, "/v1/dropped", Access::anyone, Body::none, "Waits"}, dropped_callback);
  router.add({Method::get, "/v1/lines", Access::anyone, Body::none, "Counts"}, count_up);
  router.add({Method::get, "/v1/big", Access::anyone, Body::none, "32 MiB"}, big);
  router.add({Method::get, "/v1/files/{rest...}", Access::anyone, Body::none, "Names a file"},
             [](RequestContext& context) -> awaitable<Result<Response>> {
               co_return Response::bytes(std::string(context.param("rest")), "text/plain");
             });
  router.add({Method::post, "/v1/staff", Access::staff_signature, Body::json, "A signed act"},
             [](RequestContext& context) -> awaitable<Result<Response>> {
               co_return Response::json(context.json());
             });
  router.add(
      Route{Method::patch, "/v1/uploads/{name}", Access::anyone, Body::streamed, "Takes bytes"}
          .limit_body(1024 * 1024),
      [this](RequestContext& context) -> awaitable<Result<Response>> {
        ++uploads_begun_;
        std::array<char, 4096> piece;
        std::uint64_t sum = 0;
        for (;;) {
          const auto got = co_await context.body().read_some(piece);
          if (!got) {
            std::lock_guard lock(mutex_);
            last_body_error_ = got.error().code;
            co_return fail(got.error());
          }
          if (*got == 0) break;
          for (std::size_t i = 0; i < *got; ++i) sum += static_cast<unsigned char>(piece[i]);
        }
        co_return Response::json({{"bytes", context.body().bytes_read()}, {"sum", sum}});
      });
  router.add({Method::post, "/v1/ignored", Access::anyone, Body::streamed, "Reads nothing"},
             [](RequestContext&) -> awaitable<Result<Response>> { co_return Response::empty(); });
  router.add({Method::get, "/v1/film", Access::anyone, Body::none, "A part of a file"},
             [this](RequestContext&) -> awaitable<Result<Response>> {
               co_return Response::file(folder_ / "film", 100, film_.size(), "video/mp4", "e1")
                   .cache_control("private, no-cache");
             });
  router.add({Method::get, "/v1/lost", Access::anyone, Body::none, "A file that is not there"},
             [this](RequestContext&) -> awaitable<Result<Response>> {
               co_return Response::file(folder_ / "lost", 0, 10, "video/mp4", "e2");
             });
  router.websocket("/v1/echo", Access::anyone, "Says back what it hears",
                   [this](RequestContext&, std::shared_ptr<WebSocket> socket) -> awaitable<Status> {
                     if (auto ok = co_await socket->accept(); !ok) co_return ok;
                     {
                       std::lock_guard lock(mutex_);
                       last_socket_ = socket;
                     }
                     for (;;) {
                       auto message = co_await socket->receive();
                       if (!message) co_return Status{};
                       if (*message == "leave") co_return Status{};
                       if (*message == "refuse") {
                         co_return fail(ErrorClass::refused, "not_yours", "", "No.");
                       }
                       socket->send(std::move(*message));
                     }
                   });
  router.websocket(
      "/v1/private", Access::account, "For Alice",
      [](RequestContext& context, std::shared_ptr<WebSocket> socket) -> awaitable<Status> {
        if (context.query().has("late")) {
          co_return fail(ErrorClass::refused, "too_late", "", "Come earlier.");
        }
        if (auto ok = co_await socket->accept("chat.v1"); !ok) co_return ok;
        socket->send("welcome " + context.account().str());
        (void)co_await socket->receive();
        co_return Status{};
      });
  return router;
}

SampleApi::SampleApi(Limits limits, Cors cors) {
  std::string name = (std::filesystem::temp_directory_path() / "fl-http-XXXXXX").string();
  FL_ASSERT(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  for (std::size_t i = 0; i < 3'000'000; ++i) film_.push_back(static_cast<char>(i * 131 % 251));
  std::ofstream(folder_ / "film", std::ios::binary) << std::string(100, '-') << film_ << "tail";
  ServerOptions options;
  options.limits = limits;
  options.cors = std::move(cors);
  options.statuses = {{"teapot", 418}};
  options.authenticator = [this](const Request& request, Access access) {
    ++authenticated_;
    return authenticate(request, access);
  };
  options.metrics = [this](const Observation& seen) {
    std::lock_guard lock(mutex_);
    seen_.push_back({std::string(seen.method) + " " + std::string(seen.route), seen.status});
  };
  auto server = Server::start(routes(), std::move(options));
  FL_ASSERT(server.has_value());
  server_ = std::move(*server);
}

SampleApi::~SampleApi() {
  server_.reset();
  std::filesystem::remove_all(folder_);
}

bool SampleApi::alive() const {
  return ask(port(), "GET /v1/hello").status == 200;
}

std::vector<SampleApi::Seen> SampleApi::observations() const {
  std::lock_guard lock(mutex_);
  return seen_;
}
std::string SampleApi::last_body_error() const {
  std::lock_guard lock(mutex_);
  return last_body_error_;
}
std::shared_ptr<WebSocket> SampleApi::last_socket() const {
  std::lock_guard lock(mutex_);
  return last_socket_;
}

}  // namespace fl::test
