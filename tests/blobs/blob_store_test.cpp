#include "core/blobs/blob_store.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "core/base/encoding.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace fl;
using namespace fl::blobs;
namespace fs = std::filesystem;

namespace {

BlobStore open_store(const std::string& root, std::string_view ledger = "ledger-1") {
  auto store = BlobStore::open(root, ledger);
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message));
  return std::move(*store);
}

std::size_t files_below(const std::string& root) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) count += entry.is_regular_file();
  return count;
}

}  // namespace

TEST_CASE("a blob is named by its SHA-256, reads back, and is stored once") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  const std::vector<std::string> rows = {"", "abc", std::string("\0\xff\n", 3),
                                         std::string(3'000'000, 'x')};
  for (const auto& bytes : rows) {
    const auto stored = store.put(bytes);
    REQUIRE(stored.has_value());
    CHECK(stored->digest == sha256(bytes));
    CHECK(stored->size == bytes.size());
    CHECK(store.put(bytes) == *stored);
    CHECK(store.exists(stored->digest));
    CHECK(*store.size(stored->digest) == bytes.size());
    CHECK(*store.read(stored->digest, bytes.size()) == bytes);
  }
  CHECK(files_below(store.root()) == rows.size() + 1);  // and the marker
  CHECK(store.path(sha256("abc")) ==
        store.root() + "/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a part of a blob is read, and nothing past its end") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  const auto stored = *store.put("0123456789");
  const auto blob = store.open_blob(stored.digest);
  REQUIRE(blob.has_value());
  CHECK(*blob->read(2, 3) == "234");
  CHECK(*blob->read(8, 100) == "89");
  CHECK(blob->read(10, 1)->empty());
  CHECK(store.read(stored.digest, 9).error().code == "blob_too_large");
}

TEST_CASE("a removed blob is gone, an open one reads on, and removing twice is no error") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  const auto stored = *store.put("going");
  const auto open = store.open_blob(stored.digest);
  REQUIRE(store.remove(stored.digest).has_value());
  CHECK_FALSE(store.exists(stored.digest));
  CHECK(store.read(stored.digest, 10).error().code == "blob_missing");
  CHECK(store.size(stored.digest).error().kind == ErrorClass::not_found);
  CHECK(*open->read(0, 5) == "going");
  CHECK(store.remove(stored.digest).has_value());
}

TEST_CASE("a writer that is not committed leaves no file [D23]") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  {
    auto writer = store.writer();
    REQUIRE(writer->write("half of it").has_value());
    CHECK(files_below(store.root()) == 2);
    auto moved = std::move(*writer);
    CHECK(moved.size() == 10);
    CHECK_FALSE(store.exists(sha256("half of it")));
  }
  CHECK(files_below(store.root()) == 1);
}

TEST_CASE(
    "a blob above its limit is refused at the byte that is too many, and leaves no file [D23]") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  auto writer = store.writer(8);
  REQUIRE(writer->write("12345678").has_value());
  CHECK(writer->write("9").error().code == "blob_too_large");
  CHECK(writer->commit().error().code == "blob_too_large");
  CHECK(files_below(store.root()) == 1);
}

TEST_CASE("a store of another ledger, and a folder that is no store, are refused untouched") {
  const test::TemporaryDirectory folder;
  open_store(folder / "blobs", "ledger-1");
  open_store(folder / "blobs", "ledger-1");
  const auto other = BlobStore::open(folder / "blobs", "ledger-2");
  CHECK(other.error().code == "blob_store_of_other_ledger");
  CHECK(other.error().kind == ErrorClass::refused);

  fs::create_directory(folder / "photos");
  std::ofstream(folder / "photos/holiday.jpg") << "x";
  CHECK(BlobStore::open(folder / "photos", "ledger-1").error().code == "not_a_blob_store");
  CHECK(files_below(folder / "photos") == 1);

  fs::create_directory(folder / "odd");
  std::ofstream(folder / "odd/ledger") << "hello";
  CHECK(BlobStore::open(folder / "odd", "ledger-1").error().code == "not_a_blob_store");
  CHECK(BlobStore::open(folder / "absent/blobs", "ledger-1").error().code == "storage_failed");
}

TEST_CASE("cleaning removes what crashed writers left, and never the file of one that lives") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  std::ofstream(folder / "blobs/tmp/0123") << "left by a crash";
  auto living = store.writer();
  REQUIRE(living->write("alive").has_value());
  CHECK(*store.clean_temporary() == 1);
  CHECK(*store.clean_temporary() == 0);
  CHECK(living->commit()->digest == sha256("alive"));
  CHECK(*store.read(sha256("alive"), 10) == "alive");
}

TEST_CASE("a blob that was damaged on the disk is not handed out, and a new copy mends it") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  const auto stored = *store.put("precious");
  fs::permissions(store.path(stored.digest), fs::perms::owner_all);
  std::ofstream(store.path(stored.digest)) << "pernicious";
  CHECK(store.read(stored.digest, 100).error().code == "blob_damaged");
  REQUIRE(store.put("precious").has_value());
  CHECK(*store.read(stored.digest, 100) == "precious");
}

TEST_CASE("a file is copied in whole, and a symbolic link is not followed") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  const std::string bytes(2'500'000, 'f');
  std::ofstream(folder / "file") << bytes;
  fs::create_symlink(folder / "file", folder / "link");
  CHECK(store.put_file(folder / "file")->digest == sha256(bytes));
  CHECK(store.put_file(folder / "link").error().kind == ErrorClass::unavailable);
  CHECK(store.put_file(folder / "blobs").error().kind == ErrorClass::unavailable);
  CHECK(store.put_file(folder / "file", 1000).error().code == "blob_too_large");
  CHECK(files_below(store.root()) == 2);
}

TEST_CASE("many threads that put the same and different blobs all find them whole") {
  const test::TemporaryDirectory folder;
  const auto store = open_store(folder / "blobs");
  std::vector<std::thread> threads;
  std::vector<int> good(4, 0);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string bytes = "blob " + std::to_string(i) + std::string(5000, 'y');
        const auto stored = store.put(bytes);
        good[t] += stored && store.read(stored->digest, 10'000) == bytes;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == std::vector<int>(4, 10));
  CHECK(files_below(store.root()) == 11);
}
