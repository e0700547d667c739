#include <thread>

#include "tests/media/fixtures.hpp"
#include "tests/workers/bench.hpp"
#include "workers/media_job.hpp"

using namespace fl;
using namespace fl::tests;

namespace {

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t out = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder))
    out += each.is_regular_file() ? 1 : 0;
  return out;
}

int media_registered(WorkersBench& bench) {
  int out = 0;
  for (const auto& stored : bench.records(log::Stream::ledger)) {
    pb::LedgerRecord record;
    REQUIRE(record.ParseFromString(stored.value));
    for (const auto& bytes : record.batch().events()) {
      pb::LedgerEvent event;
      REQUIRE(event.ParseFromString(bytes));
      out += event.has_media_registered() ? 1 : 0;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("media that two nodes process, since one does not know it lost the job, are there once") {
  WorkersBench bench;
  bench.open_account("ann");
  const auto bytes = test::make_png(640, 480);
  const auto media = named<MediaId>("photo");
  const auto blob = workers::open_sources(bench.services->sources, media, "ledger")->put(bytes);
  REQUIRE(blob);
  const auto size = static_cast<std::int64_t>(bytes.size());
  bench.world.activity(upload_started("photo", "ann", size));
  auto chunk = upload_chunk("photo", "ann", 0, size);
  chunk.mutable_upload_chunk()->set_blob(blob->digest.str());
  bench.world.activity(chunk);
  static_cast<void>(bench.world.view());

  pb::ProcessMedia work;
  work.set_media(media.raw());
  work.set_owner(account("ann").raw());
  const auto process = [&](const std::string& name) {
    auto node = bench.node(name);
    node.work = bench.folder() / name;
    std::filesystem::create_directory(node.work);
    const auto result = workers::process_media(node, work, {});
    CHECK_MESSAGE(result.done, result.detail);
    CHECK(result.detail == "ready");
  };
  process("one");
  const auto files = files_below(bench.folder() / "blobs");
  CHECK(media_registered(bench) == 1);
  std::thread sleeper([&] { process("sleeper"); });
  process("holder");
  sleeper.join();
  CHECK(media_registered(bench) == 1);
  CHECK(files_below(bench.folder() / "blobs") == files);
}
