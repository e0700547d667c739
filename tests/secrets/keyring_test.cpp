#include "core/secrets/keyring.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <type_traits>

#include "core/base/encoding.hpp"
#include "tests/secrets/counting_random.hpp"
#include "tests/secrets/temp_dir.hpp"

using namespace fl;
using namespace fl::secrets;
namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void overwrite(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}
std::string code_of_load(const fs::path& dir) {
  const auto keyring = Keyring::load(dir / "keys");
  return keyring ? "" : keyring.error().code;
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

}  // namespace

TEST_CASE("a keyring comes back from its files as it was made") {
  const TempDir dir;
  CountingRandom random;
  REQUIRE(Keyring::create(dir.path() / "node" / "keys", random));
  const auto keyring = Keyring::load(dir.path() / "node" / "keys");
  REQUIRE(keyring);
  CountingRandom again;
  CHECK(keyring->wrapping().view() == again.bytes(32));
  CHECK(keyring->index().view() == again.bytes(32));
  CHECK(keyring->command().view() == again.bytes(32));
  CHECK(keyring->address().view() == again.bytes(32));
  CHECK(keyring->address_key_id() == 1);
}

TEST_CASE(
    "key files are their owner's alone, hold a comment and hex, and nothing lies beside them") {
  const TempDir dir;
  SystemRandom random;
  REQUIRE(Keyring::create(dir.path() / "keys", random));
  int files = 0;
  for (const auto& entry : fs::directory_iterator(dir.path() / "keys")) {
    struct stat about {};
    REQUIRE(::stat(entry.path().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const auto content = content_of(entry.path());
    CHECK(content.starts_with("# fanledger: "));
    CHECK(from_hex(std::string_view(content).substr(content.size() - 65, 64)));
    ++files;
  }
  CHECK(files == 4);
  struct stat about {};
  REQUIRE(::stat((dir.path() / "keys").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
  CHECK(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("keys are never replaced") {
  const TempDir dir;
  SystemRandom random;
  REQUIRE(Keyring::create(dir.path() / "keys", random));
  const auto before = content_of(dir.path() / "keys" / "wrapping.key");
  const auto again = Keyring::create(dir.path() / "keys", random);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "keys_exist");
  CHECK(content_of(dir.path() / "keys" / "wrapping.key") == before);
}

TEST_CASE("a key file that others may read, or that is not 32 bytes, is refused") {
  const TempDir dir;
  SystemRandom random;
  REQUIRE(Keyring::create(dir.path() / "keys", random));
  const auto file = dir.path() / "keys" / "index.key";
  const auto good = content_of(file);
  REQUIRE(code_of_load(dir.path()) == "");

  REQUIRE(::chmod(file.c_str(), 0604) == 0);
  CHECK(code_of_load(dir.path()) == "keys_exposed");
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(code_of_load(dir.path()) == "keys_exposed");
  REQUIRE(::chmod(file.c_str(), 0400) == 0);
  CHECK(code_of_load(dir.path()) == "");
  REQUIRE(::chmod(file.c_str(), 0600) == 0);

  const std::string hex = good.substr(good.size() - 65, 64);
  const std::string rows[] = {
      "",           "# only a comment\n",       hex.substr(2) + "\n",    hex + "00\n",
      hex + hex,    "g" + hex.substr(1) + "\n", hex + "\n" + hex + "\n", std::string(2000, '#'),
      hex + "\r\n",
  };
  for (const auto& row : rows) {
    CAPTURE(row);
    overwrite(file, row);
    const auto keyring = Keyring::load(dir.path() / "keys");
    REQUIRE_FALSE(keyring);
    CHECK(keyring.error().code == "keys_damaged");
    CHECK(keyring.error().message.find(hex.substr(8, 16)) == std::string::npos);
  }
  overwrite(file, good);
  CHECK(code_of_load(dir.path()) == "");
  fs::remove(file);
  CHECK(code_of_load(dir.path()) == "keys_missing");
}

TEST_CASE("a new address key signs from the next start on, and the old one still verifies") {
  const TempDir dir;
  SystemRandom random;
  REQUIRE(Keyring::create(dir.path() / "keys", random));
  const auto before = Keyring::load(dir.path() / "keys");
  REQUIRE(before);
  const std::string old(before->address().view());

  const auto added = Keyring::add_address_key(dir.path() / "keys", random);
  REQUIRE(added);
  CHECK(*added == 2);
  const auto after = Keyring::load(dir.path() / "keys");
  REQUIRE(after);
  CHECK(after->address_key_id() == 2);
  CHECK(after->address().view() != old);
  REQUIRE(after->address(1) != nullptr);
  CHECK(after->address(1)->view() == old);
  CHECK(after->address(3) == nullptr);

  fs::remove(dir.path() / "keys" / "address-1.key");
  const auto retired = Keyring::load(dir.path() / "keys");
  REQUIRE(retired);
  CHECK(retired->address(1) == nullptr);
  fs::remove(dir.path() / "keys" / "address-2.key");
  CHECK(code_of_load(dir.path()) == "keys_missing");
}

TEST_CASE("address keys are bounded in number") {
  const TempDir dir;
  SystemRandom random;
  REQUIRE(Keyring::create(dir.path() / "keys", random));
  for (std::size_t n = 1; n < Keyring::kMaxAddressKeys; ++n) {
    REQUIRE(Keyring::add_address_key(dir.path() / "keys", random));
  }
  const auto more = Keyring::add_address_key(dir.path() / "keys", random);
  REQUIRE_FALSE(more);
  CHECK(more.error().code == "too_many_address_keys");
}

TEST_CASE("a secret key can be neither copied nor printed, and moving leaves nothing behind") {
  static_assert(!std::is_copy_constructible_v<SecretKey> && !std::is_copy_assignable_v<SecretKey>);
  static_assert(!Printable<SecretKey> && !Printable<WipedString>);
  CountingRandom random(1);
  auto key = SecretKey::random(random);
  const std::string was(key.view());
  const SecretKey moved = std::move(key);
  CHECK(moved.view() == was);
  CHECK(key.view() == std::string(32, '\0'));  // NOLINT: what is left is the point
}

TEST_CASE("a secret key is wiped where it lay when it goes") {
  CountingRandom random(1);
  alignas(SecretKey) unsigned char place[sizeof(SecretKey)];
  auto* key = new (place) SecretKey(SecretKey::random(random));
  REQUIRE(place[5] == 6);
  key->~SecretKey();
  const volatile unsigned char* left = place;
  int not_wiped = 0;
  for (std::size_t i = 0; i < sizeof place; ++i) not_wiped += left[i] != 0;
  CHECK(not_wiped == 0);
}
