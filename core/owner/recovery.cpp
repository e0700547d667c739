#include "core/owner/recovery.hpp"

#include <fmt/format.h>

namespace fl::owner {
namespace {

constexpr std::size_t kReadRecords = 1024;
constexpr std::size_t kReadBytes = 16 << 20;

Status check_unchanged(log::Log& log, const events::ChainState& chain, const Digest& last_record) {
  const auto changed = [&](const std::string& why) {
    return fail(ErrorClass::unavailable, "log_changed", "ledger",
                fmt::format("the log is not the one that the snapshot was made from: {}", why));
  };
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  if (*end < chain.next_offset) {
    return changed(fmt::format("it ends at {}, the snapshot at {}", *end, chain.next_offset));
  }
  auto records = log.read(log::Stream::ledger, 0, chain.next_offset - 1, 1, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty() || sha256(records->front().value) != last_record) {
    return changed(fmt::format("record {} reads differently", chain.next_offset - 1));
  }
  return {};
}

}  // namespace

Status follow(log::Log& log, ledger::Replica& replica, Digest& last_record,
              const Progress& progress) {
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  while (replica.chain().next_offset < *end) {
    auto records =
        log.read(log::Stream::ledger, 0, replica.chain().next_offset, kReadRecords, kReadBytes);
    if (!records) return fail(records.error());
    if (records->empty()) {
      return fail(ErrorClass::unavailable, "log_damaged", "ledger",
                  fmt::format("record {} is missing", replica.chain().next_offset));
    }
    for (const auto& record : *records) {
      if (auto fed = replica.feed(record.offset, record.value); !fed) return fail(fed.error());
      last_record = sha256(record.value);
    }
    if (progress) progress(replica.chain().next_offset, *end);
  }
  return {};
}

Failure ledger_empty() {
  return fail(ErrorClass::unavailable, "ledger_empty", "ledger",
              "There is no ledger here yet: run `fanledgerd init`.");
}

Result<Recovered> load_snapshot(log::Log& log, SnapshotStore* snapshots) {
  Recovered recovered;
  recovered.replica = std::make_unique<ledger::Replica>();
  auto& replica = *recovered.replica;
  if (snapshots == nullptr) return recovered;
  auto loaded = snapshots->load(replica.state(), replica.chain(), recovered.last_record);
  if (!loaded) return fail(loaded.error());
  if (*loaded) {
    if (auto same = check_unchanged(log, replica.chain(), recovered.last_record); !same) {
      return fail(same.error());
    }
  }
  return recovered;
}

Result<Recovered> recover(log::Log& log, SnapshotStore* snapshots, const Progress& progress) {
  auto recovered = load_snapshot(log, snapshots);
  if (!recovered) return recovered;
  auto& replica = *recovered->replica;
  const auto from = replica.chain().next_offset;
  if (auto status = follow(log, replica, recovered->last_record, progress); !status) {
    return fail(status.error());
  }
  recovered->replayed = replica.chain().next_offset - from;
  if (replica.chain().next_offset == 0) return ledger_empty();
  return recovered;
}

}  // namespace fl::owner
