#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/activity/act.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "tests/projections/samples.hpp"
#include "tests/projections/test_ledger.hpp"
#include "tests/support/faulty_log.hpp"

namespace fl::tests {

/// A fresh directory that goes with the object.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "fanledger-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A log, a store and a runner over all read models.
class World {
 public:
  explicit World(log::PartitionIndex partitions = 4, log::PartitionIndex jobs = 1)
      : log({.activity = partitions, .jobs = jobs}) {
    log.set_listener([this](log::Stream, log::PartitionIndex, log::Offset) {
      if (runner) runner->notify();
    });
    open();
  }
  ~World() {
    log.set_listener(nullptr);
    runner.reset();
  }

  TempDir dir;
  test::FaultyLog log;
  projections::ReadModels models;
  std::unique_ptr<projections::Store> store;
  std::unique_ptr<projections::Runner> runner;

  std::filesystem::path views() const { return dir.path() / "views"; }

  void open() {
    auto opened = projections::Store::open(views(), models.names());
    REQUIRE(opened);
    store = *std::move(opened);
    auto made = projections::Runner::open(*store, log, models.all(), test_ledger());
    REQUIRE(made);
    runner = *std::move(made);
    runner->start();
  }

  log::Offset ledger(const std::vector<pb::LedgerEvent>& events, std::int64_t time_ms = 1000,
                     std::uint64_t epoch = 1) {
    const log::NewRecord record{"", test_batch(events, time_ms, epoch)};
    const auto offset = log.append(log::Stream::ledger, 0, {&record, 1});
    REQUIRE(offset);
    return *offset;
  }

  log::Position activity(const pb::ActivityEvent& event) {
    const auto partition =
        activity::partition_of(event.about(), log.partitions(log::Stream::activity));
    const log::NewRecord record{"", event.SerializeAsString()};
    const auto offset = log.append(log::Stream::activity, partition, {&record, 1});
    REQUIRE(offset);
    return {log::Stream::activity, partition, *offset};
  }

  projections::PositionToken end() {
    projections::PositionToken token;
    token.set(log::Stream::ledger, 0, *log.end(log::Stream::ledger, 0));
    for (log::PartitionIndex i = 0; i < log.partitions(log::Stream::activity); ++i) {
      token.set(log::Stream::activity, i, *log.end(log::Stream::activity, i));
    }
    return token;
  }

  /// A view of all that was appended.
  projections::View view() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto status = runner->wait_for(end(), deadline);
    REQUIRE_MESSAGE(status, (status ? "" : status.error().message));
    return store->view();
  }
};

/// All items of a list, page by page.
template <class List>
auto whole(List list, std::size_t limit) {
  projections::Page page{limit, ""};
  auto first = list(page);
  REQUIRE(first);
  auto items = first->items;
  for (auto next = first->next; !next.empty();) {
    auto more = list(projections::Page{limit, next});
    REQUIRE(more);
    items.insert(items.end(), more->items.begin(), more->items.end());
    next = more->next;
  }
  return items;
}

}  // namespace fl::tests
