#include "api/commands/serve.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "api/auth.hpp"
#include "api/commands/node_flags.hpp"
#include "api/http/server.hpp"
#include "api/port_file.hpp"
#include "api/requests.hpp"
#include "api/routes/routes.hpp"

namespace fl::api {
namespace {

struct Options {
  std::string listen = "127.0.0.1:8080";
  std::string log_level = "info";
  unsigned threads = 2;
  std::vector<std::string> origins;
  PlatformOptions platform;
  NodeFlags node;
  std::filesystem::path port_file;
};

Result<http::ServerOptions> server_options(const Options& options) {
  http::ServerOptions out;
  const auto colon = options.listen.rfind(':');
  const auto port = colon == std::string::npos ? "" : options.listen.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) {
    return fail(ErrorClass::malformed, "listen_malformed", "listen",
                "--listen is ADDRESS:PORT, as in 127.0.0.1:8080.");
  }
  out.address = options.listen.substr(0, colon);
  out.threads = options.threads;
  out.cors.allowed_origins = options.origins;
  out.cors.allowed_headers.emplace_back(kMinPositionHeader);
  out.cors.exposed_headers.emplace_back(kPositionHeader);
  for (const char* name : {"Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata"}) {
    out.cors.allowed_headers.emplace_back(name);
    out.cors.exposed_headers.emplace_back(name);
  }
  out.statuses = {{"insufficient_funds", 402},
                  {"payment_required", 402},
                  {"subscription_ended", 402},
                  {"follow_only", 402},
                  {"upload_too_large", 413},
                  {"blob_too_large", 413},
                  {"content_type_unsupported", 415},
                  {"media_is_playlist", 415},
                  {"media_is_concat_script", 415},
                  {"media_is_svg", 415},
                  {"media_is_html", 415},
                  {"media_is_pdf", 415},
                  {"media_is_text", 415},
                  {"media_is_heif", 415},
                  {"media_type_unknown", 415},
                  {"storage_full", 507}};
  return out;
}

Status serve(const Options& options) {
  // Signals are waited for by this thread alone: block them before any other exists.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);  // from ourselves: the node must end
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto settings = server_options(options);
  if (!settings) return fail(settings.error());
  auto chosen = options.platform;
  if (auto filled = options.node.fill(chosen); !filled) return filled;
  auto platform = Platform::open(std::move(chosen));
  if (!platform) return fail(platform.error());
  (*platform)->on_fatal([](const Error&) { ::kill(::getpid(), SIGUSR1); });
  settings->authenticator = make_authenticator(**platform);
  auto server = http::Server::start(make_router(**platform), std::move(*settings));
  if (!server) return fail(server.error());
  if (auto status = write_port(options.port_file, (*server)->port()); !status) return status;
  spdlog::info(fmt::format("fanledgerd serves {} on port {}", options.platform.data.string(),
                           (*server)->port()));
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping");
  // Requests end first, then what answers them.
  (*server)->stop();
  (*platform)->stop();
  const auto health = (*platform)->health();
  server->reset();
  platform->reset();
  return health;
}

}  // namespace

void add_serve_command(CLI::App& app, int& result) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("serve", "Run a node of the platform: API, owner of the ledger, workers, or some of these");
  command->add_option("--data", options->platform.data, "Data folder, made by `fanledgerd init`")
      ->required();
  command->add_option("--keys", options->platform.keys,
                      "Folder of the keys that all nodes have (default: DATA/keys)");
  command->add_option("--shared", options->platform.shared,
                      "Folder of blobs that all nodes share (default: DATA)");
  command->set_config("--config", "", "Read options from this file, as NAME = VALUE lines");
  command->add_option("--listen", options->listen, "Address and port; port 0 chooses a free one")
      ->capture_default_str();
  command->add_option("--port-file", options->port_file, "Write the chosen port to this file");
  command->add_option("--threads", options->threads, "Threads that serve requests")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command->add_option("--public-url", options->platform.public_url, "Where others reach this node")
      ->capture_default_str();
  command->add_option("--cors-origin", options->origins,
                      "A site whose pages may call us; may be repeated");
  command->add_option("--smtp-host", options->platform.smtp_host,
                      "Mail relay on this machine; without it mail goes to files in DATA/mail");
  command->add_option("--smtp-port", options->platform.smtp_port, "Its port")
      ->capture_default_str();
  command->add_option("--mail-from", options->platform.mail_from, "Sender of mail")
      ->capture_default_str();
  options->node.add_to(*command);
  command->add_option("--log-level", options->log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  command->callback([options, &result] {
    spdlog::set_level(spdlog::level::from_str(options->log_level));
    if (sodium_init() < 0) return;
    if (auto status = serve(*options); !status) {
      fmt::print(stderr, "fanledgerd: {} ({})\n", status.error().message, status.error().code);
      result = 1;
    }
  });
}

}  // namespace fl::api
