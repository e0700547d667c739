#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/events/signature.hpp"
#include "core/owner/genesis.hpp"
#include "core/owner/owner.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_store.hpp"
#include "tests/projections/world.hpp"
#include "workers/dispatcher.hpp"
#include "workers/job_runner.hpp"
#include "workers/mail/eml_folder_mailer.hpp"

namespace fl::tests {

/// All that workers work with, on a log in memory.
class WorkersBench {
 public:
  WorkersBench() {
    const auto genesis =
        owner::default_genesis(std::string(16, 'L'), events::public_key_of(std::string(32, 'A')),
                               std::string(32, 'k'), clock.now());
    REQUIRE(owner::write_genesis(world.log, genesis));
    owner::OwnerOptions options;
    options.incarnation = std::string(16, 'i');
    auto started = owner::Owner::start(world.log, nullptr, clock, options);
    REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    owner = std::move(*started);
    std::filesystem::create_directory(folder() / "sources");
    services.reset(new workers::Services{
        world.log, activity, *owner, clock, *world.store, world.models, *world.runner, keyring,
        subject_keys, blobs, folder() / "sources", folder() / "work", folder() / "position",
        "ledger", jail, mailer, "noreply@example.test", progress});
  }

  /// An upload that is complete, its bytes in the store of its own, and the job to process it.
  pb::Job uploaded(std::string_view name) {
    const auto media = named<MediaId>(name);
    auto sources = workers::open_sources(services->sources, media, services->ledger_id);
    REQUIRE(sources);
    REQUIRE(sources->put("bytes"));
    world.activity(upload_started(name, "ann", 5));
    world.activity(upload_chunk(name, "ann", 0, 5));
    pb::Job job;
    job.set_format(1);
    job.set_id(workers::process_media_job(media).raw());
    job.mutable_process_media()->set_media(media.raw());
    job.mutable_process_media()->set_owner(account("ann").raw());
    return job;
  }
  void enqueue(const pb::Job& job) {
    const log::NewRecord record{job.id(), events::encode(job)};
    REQUIRE(world.log.append(log::Stream::jobs, 0, {&record, 1}));
  }
  /// Until the runner of this group has brought so many jobs to their end.
  void await_committed(std::string_view group, log::Offset jobs) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (world.log.committed(group, log::Stream::jobs, 0).value() < jobs) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  std::filesystem::path folder() const { return world.dir.path(); }

  World world;
  owner::SystemClock clock;
  log::Appender activity{world.log, log::Stream::activity};
  std::unique_ptr<owner::Owner> owner;
  secrets::SystemRandom random;
  secrets::Keyring keyring = fresh_keys();
  std::unique_ptr<secrets::SecretStore> secret_store =
      secrets::SecretStore::open(world.log).value();
  secrets::SubjectKeys subject_keys{*secret_store, keyring.wrapping(), random};
  blobs::BlobStore blobs = blobs::BlobStore::open((folder() / "blobs").string(), "ledger").value();
  media::Jail jail;
  mail::EmlFolderMailer mailer{folder() / "mail"};
  workers::Progress progress;
  std::unique_ptr<workers::Services> services;

 private:
  secrets::Keyring fresh_keys() {
    REQUIRE(secrets::Keyring::create(folder() / "keys", random));
    return secrets::Keyring::load(folder() / "keys").value();
  }
};

}  // namespace fl::tests
