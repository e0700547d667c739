#pragma once

#include <doctest/doctest.h>

#include <future>
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
  explicit WorkersBench(log::PartitionIndex jobs = 1) : world(4, jobs) {
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
        "ledger", jail, mailer, "noreply@example.test", progress, "node"});
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
  /// A command that the ledger must take.
  void submit(pb::LedgerEvent draft, const std::string& command) {
    draft.mutable_origin()->set_command_id(command);
    draft.mutable_origin()->set_command_mac(sha256(command).str());
    std::promise<owner::Outcome> promise;
    owner->submit({std::move(draft)},
                  [&](owner::Outcome outcome) { promise.set_value(std::move(outcome)); });
    const auto outcome = promise.get_future().get();
    REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().message));
  }
  void open_account(std::string_view name) {
    auto draft = opened(name);
    draft.mutable_origin()->set_caller_kind(pb::CALLER_KIND_VISITOR);
    auto& email = *draft.mutable_account_opened()->mutable_email();
    email.set_subject(account(name).raw());
    email.set_nonce(std::string(12, 'n'));
    email.set_ciphertext(std::string(32, 'c'));
    submit(std::move(draft), "open " + std::string(name));
  }
  /// Into the partition of its id, as the dispatcher does it.
  void enqueue(const pb::Job& job) {
    const log::NewRecord record{job.id(), events::encode(job)};
    const auto partition =
        activity::partition_of(job.id(), world.log.partitions(log::Stream::jobs));
    REQUIRE(world.log.append(log::Stream::jobs, partition, {&record, 1}));
  }
  /// A member of a group.
  std::unique_ptr<log::WorkShare> share(std::string_view group,
                                        const std::vector<log::Stream>& streams = {
                                            log::Stream::jobs}) {
    return world.log.join(group, streams).value();
  }
  /// What another node has: its name and its files are its own.
  workers::Services node(const std::string& name) {
    workers::Services other = *services;
    other.node = name;
    other.position_file = folder() / (name + ".position");
    return other;
  }
  /// Until the runner of this group has brought so many jobs to their end.
  void await_committed(std::string_view group, log::Offset jobs) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (world.log.committed(group, log::Stream::jobs, 0) < jobs) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  /// All that a partition holds.
  std::vector<log::Record> records(log::Stream stream, log::PartitionIndex partition = 0) {
    return world.log.read(stream, partition, 0, 1'000'000, std::size_t{1} << 30).value();
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
  log::MemoryLiveBus live;
  workers::Progress progress{live};
  std::unique_ptr<workers::Services> services;

 private:
  secrets::Keyring fresh_keys() {
    REQUIRE(secrets::Keyring::create(folder() / "keys", random));
    return secrets::Keyring::load(folder() / "keys").value();
  }
};

}  // namespace fl::tests
