#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/activity/act.hpp"
#include "core/log/embedded_log.hpp"
#include "projections/runner.hpp"
#include "tests/api/house.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using nlohmann::json;

namespace {

const std::string kPhoto = "\xff\xd8\xff\xe0" + std::string(200'000, 'x');

/// A creator with a server.
struct Studio {
  AccountId ana;
  test::House house{[this](test::PlatformWorld& world) { ana = world.creator("ana", 0); }};
  std::uint16_t port;
  std::string as_ana = house.log_in(ana);

  explicit Studio(http::ServerOptions options = {}) : port(house.serve(std::move(options))) {}

  std::string start(std::size_t size) {
    const auto answer =
        test::ask(port, "POST /v1/uploads", as_ana + fmt::format("Upload-Length: {}\r\n", size));
    REQUIRE(answer.status == 201);
    return json::parse(answer.body)["media"].get<std::string>();
  }
  std::string chunk_fields(std::size_t size) const {
    return as_ana + fmt::format(
                        "Upload-Offset: 0\r\nContent-Length: {}\r\nContent-Type: "
                        "application/offset+octet-stream\r\n",
                        size);
  }
  test::Answer send(const std::string& media, const std::string& bytes) {
    return test::ask(port, "PATCH /v1/uploads/" + media, chunk_fields(bytes.size()), bytes);
  }
  json show(const std::string& media) {
    return json::parse(test::ask(port, "GET /v1/uploads/" + media, as_ana).body);
  }
  std::size_t files(const std::string& media) {
    std::size_t count = 0;
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(house.dir.path() / "sources" / media, error);
    for (; !error && at != end(at); at.increment(error)) {
      if (at->is_regular_file() && at->path().filename() != "ledger") ++count;
    }
    return count;
  }
};

}  // namespace

TEST_CASE("of an upload one chunk comes at a time, so nothing lies about that nobody counts") {
  Studio studio;
  const auto media = studio.start(kPhoto.size());
  test::RawClient first(studio.port);  // most of it, and then it hesitates
  REQUIRE(first.send(fmt::format("PATCH /v1/uploads/{} HTTP/1.1\r\nHost: test\r\n{}\r\n", media,
                                 studio.chunk_fields(kPhoto.size()))));
  REQUIRE(first.send(kPhoto.substr(0, 1000)));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (studio.files(media) == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  const auto second = studio.send(media, kPhoto.substr(0, 100'000));
  CHECK(second.status == 503);
  CHECK(json::parse(second.body)["code"] == "upload_busy");
  REQUIRE(first.send(kPhoto.substr(1000)));
  REQUIRE(first.read_until("\r\n\r\n"));
  CHECK(first.bytes().starts_with("HTTP/1.1 204"));
  CHECK(studio.files(media) == 1);
}

TEST_CASE("a chunk that comes after the end is refused, and leaves nothing behind") {
  Studio studio;
  const auto media = studio.start(kPhoto.size());
  test::RawClient late(studio.port);
  REQUIRE(late.send(fmt::format("PATCH /v1/uploads/{} HTTP/1.1\r\nHost: test\r\n{}\r\n", media,
                                studio.chunk_fields(kPhoto.size()))));
  REQUIRE(late.send(kPhoto.substr(0, 1000)));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (studio.files(media) == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  CHECK(test::ask(studio.port, "DELETE /v1/uploads/" + media, studio.as_ana).status == 204);
  REQUIRE(late.send(kPhoto.substr(1000)));
  REQUIRE(late.read_until("\r\n\r\n"));
  CHECK_FALSE(late.bytes().starts_with("HTTP/1.1 204"));
  CHECK(studio.show(media)["state"] == "cancelled");
  CHECK(studio.files(media) == 0);
}

TEST_CASE("however many people try to log in, there is room for other work") {
  http::ServerOptions options;
  options.blocking_queue = 64;
  Studio studio(options);
  const std::string body = R"({"login":"ana","password":"not hers at all"})";
  std::atomic<bool> enough = false;
  std::vector<std::thread> people;
  for (int i = 0; i < 100; ++i) {
    people.emplace_back([&] {
      while (!enough) {
        test::ask(
            studio.port, "POST /v1/sessions",
            fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size()),
            body);
      }
    });
  }
  int sent = 0;
  for (int i = 0; i < 5; ++i) {
    const auto media = studio.start(1000);
    sent += studio.send(media, kPhoto.substr(0, 1000)).status == 204 ? 1 : 0;
  }
  enough = true;
  for (auto& one : people) one.join();
  CHECK(sent == 5);
}

TEST_CASE("a cancellation that comes after the last bytes, though before they are read, is void") {
  Studio studio;
  auto& platform = *studio.house.platform;
  const auto media = studio.start(kPhoto.size());
  const auto partition_of = [&](std::string_view about) {
    return activity::partition_of(about, platform.log.partitions(log::Stream::activity));
  };
  const auto end_of = [&](log::PartitionIndex partition) {
    return platform.log.end(log::Stream::activity, partition).value();
  };
  // The read models stand still from the next event on.
  std::promise<void> still, go;
  projections::PositionToken next;
  const auto notices = partition_of(studio.ana.view());
  next.set(log::Stream::activity, notices, end_of(notices) + 1);
  platform.runner.when_reached(next, [&](const Status&) {
    still.set_value();
    go.get_future().wait();
  });
  const std::string read = R"({"up_to":1})";
  const auto json_fields =
      studio.as_ana + "Content-Type: application/json\r\nContent-Length: 11\r\n";
  REQUIRE(test::ask(studio.port, "PUT /v1/notices/read", json_fields, read).status == 204);
  still.get_future().wait();
  const auto uploads = partition_of(MediaId::parse(media)->view());
  const auto logged = [&](log::Offset end) {
    while (end_of(uploads) < end) std::this_thread::yield();
  };
  const auto begin = end_of(uploads);
  auto chunk = std::async(std::launch::async, [&] { return studio.send(media, kPhoto); });
  logged(begin + 1);
  auto cancelled = std::async(std::launch::async, [&] {
    return test::ask(studio.port, "DELETE /v1/uploads/" + media, studio.as_ana);
  });
  logged(begin + 2);
  go.set_value();
  CHECK(chunk.get().status == 204);
  CHECK(cancelled.get().status == 409);
  CHECK(studio.show(media)["state"] == "processing");
  CHECK(studio.files(media) == 1);
}

TEST_CASE("an upload whose last bytes come before its cancellation keeps them, else loses all") {
  Studio studio;
  const auto from = std::chrono::steady_clock::now();
  studio.send(studio.start(kPhoto.size()), kPhoto);
  const auto usual = std::chrono::steady_clock::now() - from;
  constexpr int kRounds = 60;
  int kept = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto media = studio.start(kPhoto.size());
    auto chunk = std::async(std::launch::async, [&] { return studio.send(media, kPhoto); });
    std::this_thread::sleep_for(usual * round / 40);  // now before it, now after it
    const auto cancelled = test::ask(studio.port, "DELETE /v1/uploads/" + media, studio.as_ana);
    chunk.wait();
    const auto shown = studio.show(media);
    CAPTURE(shown.dump());
    if (shown["state"] == "cancelled") {
      CHECK(cancelled.status == 204);
      CHECK(studio.files(media) == 0);
    } else {
      ++kept;
      CHECK(shown["state"] == "processing");
      CHECK(cancelled.status == 409);
      CHECK(studio.files(media) == 1);
    }
  }
  MESSAGE("complete " << kept << " of " << kRounds);
  CHECK(kept > 0);
}
