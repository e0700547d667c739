#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "core/blobs/blob_store.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace fl;
using namespace fl::blobs;
namespace fs = std::filesystem;

namespace {

bool is_empty(const std::string& folder) {
  return fs::directory_iterator(folder) == fs::directory_iterator();
}

}  // namespace

TEST_CASE("a write that the file system refuses is an error, and nothing of it stays [D23]") {
  const test::TemporaryDirectory folder;
  const auto store = *BlobStore::open(folder / "blobs", "ledger-1");
  const std::string bytes(100'000, 'z');
  {
    const test::FileSizeLimit limit(50'000);
    const auto refused = store.put(bytes);
    CHECK(refused.error().kind == ErrorClass::unavailable);
    CHECK(refused.error().code == "storage_full");
    CHECK_FALSE(store.exists(sha256(bytes)));
    CHECK(is_empty(folder / "blobs/tmp"));
  }
  CHECK(store.put(bytes).has_value());
}

TEST_CASE("a full disk is an error, what was stored stays readable, and room helps") {
  const test::TemporaryDirectory folder;
  fs::create_directory(folder / "disk");
  const std::string disk = folder / "disk";
  if (::mount("fanledger-test", disk.c_str(), "tmpfs", 0, "size=256k") != 0) {
    MESSAGE("may not mount a small disk here: left out");
    return;
  }
  {
    const auto store = *BlobStore::open(disk, "ledger-1");
    const auto kept = *store.put(std::string(50'000, 'k'));
    const std::string large(300'000, 'l');
    CHECK(store.put(large).error().code == "storage_full");
    CHECK(is_empty(disk + "/tmp"));
    CHECK_FALSE(store.exists(sha256(large)));
    CHECK(store.read(kept.digest, 60'000).has_value());
    CHECK(store.put(std::string(150'000, 'm')).has_value());
  }
  CHECK(::umount(disk.c_str()) == 0);
}

TEST_CASE("a store whose folders are not what they should be fails without a trace") {
  const test::TemporaryDirectory folder;
  const auto store = *BlobStore::open(folder / "blobs", "ledger-1");
  const Digest digest = sha256("abc");
  SUBCASE("a file stands where the blob's folder should") {
    fs::copy_file(folder / "blobs/ledger", folder / "blobs/ba");
    CHECK(store.put("abc").error().code == "storage_failed");
    CHECK(is_empty(folder / "blobs/tmp"));
  }
  SUBCASE("a folder stands where the blob should") {
    fs::create_directories(store.path(digest) + "/x");
    CHECK(store.put("abc").error().code == "storage_failed");
    CHECK(store.open_blob(digest).error().code == "storage_failed");
    CHECK(is_empty(folder / "blobs/tmp"));
  }
  SUBCASE("the folder of temporary files was taken away") {
    fs::remove(folder / "blobs/tmp");
    CHECK(store.put("abc").error().code == "storage_failed");
    CHECK_FALSE(store.exists(digest));
  }
  SUBCASE("the folder may not be written") {
    if (::geteuid() == 0) return;  // root may write anywhere
    fs::permissions(folder / "blobs/tmp", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK(store.put("abc").error().code == "storage_failed");
    fs::permissions(folder / "blobs/tmp", fs::perms::owner_all);
  }
}
