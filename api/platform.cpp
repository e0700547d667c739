#include "api/platform.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "api/data_folder.hpp"
#include "api/http/blocking_pool.hpp"
#include "api/live/hub.hpp"
#include "api/render.hpp"
#include "api/shared_ledger.hpp"
#include "core/base/encoding.hpp"
#include "core/blobs/blob_store.hpp"
#include "core/log/appender.hpp"
#include "core/log/embedded_log.hpp"
#include "core/log/kafka_live_bus.hpp"
#include "core/log/kafka_log.hpp"
#include "core/owner/owner.hpp"
#include "core/owner/snapshot_store.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/passwords.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_store.hpp"
#include "core/secrets/sessions.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/chain_reader.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"
#include "workers/mail/eml_folder_mailer.hpp"
#include "workers/mail/smtp_mailer.hpp"
#include "workers/workers.hpp"

namespace fl::api {
namespace {

constexpr unsigned kHashingThreads = 2;
constexpr std::size_t kHashingQueue = 64;  // further ones are told `busy`

owner::Progress log_progress() {
  return [last = std::uint64_t{0}](std::uint64_t done, std::uint64_t end) mutable {
    if (done - last < 100'000 && done != end) return;
    last = done;
    spdlog::info(fmt::format("replayed {} of {} ledger records", done, end));
  };
}

}  // namespace

/// In the order in which they are opened; destroyed in the other.
struct Platform::Parts {
  std::mutex failure_mutex;
  std::optional<Error> failure;  ///< of the log, the owner or the read models: the first
  std::function<void(const Error&)> on_fatal;

  PlatformOptions options;
  owner::SystemClock clock;
  secrets::SystemRandom random;
  std::optional<secrets::Keyring> keyring;
  std::unique_ptr<log::Log> log;
  std::unique_ptr<secrets::SecretStore> secret_store;
  std::unique_ptr<secrets::SubjectKeys> subject_keys;
  std::unique_ptr<secrets::Passwords> passwords;
  http::BlockingPool hashing{kHashingThreads, kHashingQueue};
  std::unique_ptr<secrets::Sessions> sessions;
  std::unique_ptr<owner::SnapshotStore> snapshots;
  std::unique_ptr<owner::Owner> owner;   ///< of an embedded log
  std::unique_ptr<SharedLedger> ledger;  ///< of a log that nodes share
  std::string ledger_id;
  std::optional<blobs::BlobStore> blobs;
  projections::ReadModels models;
  std::unique_ptr<projections::Store> store;
  std::unique_ptr<projections::Runner> runner;
  projections::PositionToken at_start;  ///< where the log ended
  std::unique_ptr<log::Appender> activity;
  std::unique_ptr<log::LiveBus> live;
  std::unique_ptr<workers::Progress> progress;
  media::Jail jail;
  std::unique_ptr<mail::Mailer> mailer;
  std::unique_ptr<Hub> hub;
  std::unique_ptr<workers::Services> services;
  std::unique_ptr<workers::Workers> workers;

  DataFolder folder() const { return DataFolder(options.data, options.shared); }
  owner::CommandGate& gate() const {
    return ledger ? static_cast<owner::CommandGate&>(*ledger) : *owner;
  }
  Status open_log();
  Status open_live();
  Status open_storage();
  Status open_gate();
  Status open_ledger();
  template <class AnyLog>
  Status take_log(Result<std::unique_ptr<AnyLog>> opened);
  Status open_views();
  Status open_mailer();
  Status start(Platform& platform);
  void fail_for_good(const Error& error);
};

void Platform::Parts::fail_for_good(const Error& error) {
  std::lock_guard lock(failure_mutex);
  if (failure) return;
  failure = error;
  spdlog::critical(fmt::format("the node must end: {}", error.message));
  if (on_fatal) on_fatal(error);
}

template <class AnyLog>
Status Platform::Parts::take_log(Result<std::unique_ptr<AnyLog>> opened) {
  if (!opened) return fail(opened.error());
  (*opened)->set_failure_listener([this](const Error& error) { fail_for_good(error); });
  log = std::move(*opened);
  return {};
}

Status Platform::Parts::open_log() {
  if (!options.shared_log) {
    return take_log(
        log::EmbeddedLog::open(folder().log(), embedded_streams(), {.keep_partitions = true}));
  }
  return take_log(log::KafkaLog::open(options.shared_log->streams, options.shared_log->kafka));
}

Status Platform::Parts::open_live() {
  if (options.shared_log) {
    auto opened = log::KafkaLiveBus::open(options.shared_log->kafka);
    if (!opened) return fail(opened.error());
    live = std::move(*opened);
  } else {
    live = std::make_unique<log::MemoryLiveBus>();
  }
  progress = std::make_unique<workers::Progress>(*live);
  return {};
}

Status Platform::Parts::open_storage() {
  auto keys = secrets::Keyring::load(options.key_folder());
  if (!keys) return fail(keys.error());
  keyring.emplace(std::move(*keys));
  if (auto opened = open_log(); !opened) return opened;
  auto secrets = secrets::SecretStore::open(*log);
  if (!secrets) return fail(secrets.error());
  secret_store = std::move(*secrets);
  subject_keys = std::make_unique<secrets::SubjectKeys>(*secret_store, keyring->wrapping(), random);
  passwords = std::make_unique<secrets::Passwords>(*secret_store);
  sessions = std::make_unique<secrets::Sessions>(*secret_store, random);
  if (options.shared_log) secret_store->follow();
  return {};
}

Status Platform::Parts::open_gate() {
  if (options.shared_log) {
    auto opened = SharedLedger::open(
        *log, snapshots.get(), clock, [this](std::size_t size) { return random.bytes(size); },
        options, log_progress());
    if (!opened) return fail(opened.error());
    ledger = std::move(*opened);
    ledger->on_failure([this](const Error& error) { fail_for_good(error); });
    return {};
  }
  owner::OwnerOptions settings;
  settings.owner_url = options.public_url;
  settings.incarnation = random.bytes(16);
  auto started =
      owner::Owner::start(*log, snapshots.get(), clock, std::move(settings), log_progress());
  if (!started) return fail(started.error());
  owner = std::move(*started);
  owner->on_failure([this](const Error& error) { fail_for_good(error); });
  return {};
}

Status Platform::Parts::open_ledger() {
  auto opened = owner::SnapshotStore::open(folder().snapshot());
  if (!opened) return fail(opened.error());
  snapshots = std::move(*opened);
  if (auto opened_gate = open_gate(); !opened_gate) return opened_gate;
  ledger_id = gate().head().ledger_id;
  auto store_of_blobs = blobs::BlobStore::open(folder().blobs().string(), ledger_id);
  if (!store_of_blobs) return fail(store_of_blobs.error());
  blobs.emplace(std::move(*store_of_blobs));
  if (auto cleaned = blobs->clean_temporary(); !cleaned) return fail(cleaned.error());
  return clean_sources(folder(), ledger_id);
}

Status Platform::Parts::open_views() {
  const auto names = models.names();
  auto opened = projections::Store::open(folder().views(), names);
  if (!opened) return fail(opened.error());
  store = std::move(*opened);
  auto following =
      projections::Runner::open(*store, *log, models.all(), projections::open_chain_reader);
  if (!following) return fail(following.error());
  runner = std::move(*following);
  activity = std::make_unique<log::Appender>(*log, log::Stream::activity);
  return {};
}

Status Platform::Parts::open_mailer() {
  if (options.smtp_host.empty()) {
    mailer = std::make_unique<mail::EmlFolderMailer>(folder().mail());
    return {};
  }
  mail::SmtpConfig config;
  config.host = options.smtp_host;
  config.port = options.smtp_port;
  config.security = mail::SmtpSecurity::none;
  auto made = mail::SmtpMailer::create(std::move(config));
  if (!made) return fail(made.error());
  mailer = std::move(*made);
  return {};
}

Status Platform::Parts::start(Platform& platform) {
  hub = std::make_unique<Hub>(platform);
  sessions->on_ended([this](const secrets::SessionId& session) { hub->sockets().end(session); });
  runner->on_applied(
      [this](log::Stream stream, log::PartitionIndex partition, log::Offset, log::Offset to) {
        if (stream == log::Stream::activity) hub->applied(partition, to);
      });
  runner->on_failure([this](const Error& error) { fail_for_good(error); });
  log->set_listener([this](log::Stream stream, log::PartitionIndex, log::Offset end) {
    runner->notify();
    if (ledger && stream == log::Stream::ledger) ledger->notify(end);
  });
  for (const auto stream : {log::Stream::ledger, log::Stream::activity}) {
    for (log::PartitionIndex p = 0; p < log->partitions(stream); ++p) {
      const auto end = log->end(stream, p);
      if (!end) return fail(end.error());
      at_start.set(stream, p, *end);
      // What came while nobody listened.
      if (ledger && stream == log::Stream::ledger) ledger->notify(*end);
    }
  }
  runner->start();
  hub->start();
  if (!options.roles.worker) return {};
  const auto places = folder();
  const auto node = to_hex(random.bytes(8));
  services.reset(new workers::Services{*log, *activity, gate(), clock, *store, models, *runner,
                                       *keyring, *subject_keys, *blobs, places.sources(),
                                       places.work(), places.dispatcher_position(), ledger_id, jail,
                                       *mailer, options.mail_from, *progress, node});
  auto started = workers::Workers::start(*services, [&platform](const activity::NoticeRow& notice) {
    const auto view = platform.store.view();
    return Renderer(platform, view, std::nullopt).notice_text(notice);
  });
  if (!started) return fail(started.error());
  workers = std::move(*started);
  return {};
}

Result<std::unique_ptr<Platform>> Platform::open(PlatformOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  if (auto status = parts->options.check(); !status) return fail(status.error());
  std::error_code error;
  if (!std::filesystem::exists(parts->options.key_folder(), error)) {
    return fail(ErrorClass::unavailable, "not_initialised", "data",
                parts->options.key_folder().string() +
                    " holds no keys of a platform: run `fanledgerd init` first.");
  }
  if (auto status = make_folders(parts->folder()); !status) return fail(status.error());
  for (auto step : {&Parts::open_storage, &Parts::open_live, &Parts::open_ledger,
                    &Parts::open_views, &Parts::open_mailer}) {
    if (auto status = (*parts.*step)(); !status) return fail(status.error());
  }
  auto* raw = parts.get();
  raw->hub = nullptr;
  std::unique_ptr<Platform> platform(new Platform(std::move(parts)));
  if (auto status = raw->start(*platform); !status) return fail(status.error());
  return platform;
}

Platform::Platform(std::unique_ptr<Parts> parts)
    : clock(parts->clock),
      random(parts->random),
      keyring(*parts->keyring),
      secret_store(*parts->secret_store),
      subject_keys(*parts->subject_keys),
      passwords(*parts->passwords),
      hashing(parts->hashing),
      sessions(*parts->sessions),
      log(*parts->log),
      activity(*parts->activity),
      gate(parts->gate()),
      store(*parts->store),
      models(parts->models),
      runner(*parts->runner),
      blobs(*parts->blobs),
      progress(*parts->progress),
      parts_(std::move(parts)) {}

Platform::~Platform() {
  stop();
}

Hub& Platform::hub() const {
  return *parts_->hub;
}

void Platform::on_fatal(std::function<void(const Error&)> callback) {
  std::lock_guard lock(parts_->failure_mutex);
  parts_->on_fatal = std::move(callback);
  if (parts_->failure) parts_->on_fatal(*parts_->failure);
}

Status Platform::health() const {
  std::lock_guard lock(parts_->failure_mutex);
  return parts_->failure ? Status(fail(*parts_->failure)) : gate.health();
}
const PlatformOptions& Platform::options() const {
  return parts_->options;
}
DataFolder Platform::folder() const {
  return parts_->folder();
}
const std::string& Platform::ledger_id() const {
  return parts_->ledger_id;
}

bool Platform::has_caught_up() const {
  return parts_->at_start.covered_by(runner.applied());
}

bool Platform::owns_ledger() const {
  return !parts_->ledger || parts_->ledger->ownership().is_here;
}

void Platform::stop() {
  if (!parts_->log) return;
  parts_->hashing.stop();
  if (parts_->workers) parts_->workers->stop();
  parts_->log->stop_waiting();
  parts_->activity->stop();
  if (parts_->ledger) parts_->ledger->stop();
  if (parts_->owner) parts_->owner->stop();
  if (parts_->hub) parts_->hub->stop();
  parts_->runner->stop();
  parts_->runner->join();
  if (auto flushed = parts_->store->flush(true); !flushed) parts_->fail_for_good(flushed.error());
}

}  // namespace fl::api
