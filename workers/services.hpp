#pragma once

#include <filesystem>
#include <string>

#include "core/blobs/blob_store.hpp"
#include "core/log/appender.hpp"
#include "core/log/work_share.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"
#include "workers/mail/mailer.hpp"
#include "workers/media/jail.hpp"
#include "workers/progress.hpp"

namespace fl::workers {

/// What the workers work with. All of it outlives them.
struct Services {
  log::Log& log;
  log::Appender& activity;
  owner::CommandGate& gate;
  const owner::Clock& clock;
  projections::Store& store;
  projections::ReadModels& models;
  projections::Runner& runner;
  const secrets::Keyring& keyring;
  secrets::SubjectKeys& subject_keys;
  const blobs::BlobStore& blobs;        ///< what is shown
  std::filesystem::path sources;        ///< what was uploaded, a store an upload
  std::filesystem::path work;           ///< scratch space of jobs
  std::filesystem::path position_file;  ///< of the dispatcher
  std::string ledger_id;
  const media::Jail& jail;
  mail::Mailer& mailer;
  std::string mail_from;
  Progress& progress;
  std::string node;  ///< another one for each process, whatever runs at the same time
};

/// The bytes of one upload, in a store of its own: apart from what is shown and from every other
/// upload, so that ending one can never remove another's bytes, however equal they are.
Result<blobs::BlobStore> open_sources(const std::filesystem::path& sources, const MediaId& media,
                                      std::string_view ledger_id);
Status remove_sources(const std::filesystem::path& sources, const MediaId& media);

/// Appends an event to the activity stream, waits until it is durable and applied here, and says
/// where it stands. Fills in format and time.
Result<log::Offset> record(Services& services, pb::ActivityEvent event);

}  // namespace fl::workers
