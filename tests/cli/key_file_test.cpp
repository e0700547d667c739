#include "cli/key_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "core/events/signature.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a key is made as two files, and the secret is its owner's alone") {
  const test::TempDir dir;
  const auto created = cli::create_key_files(dir / "ana.key", false);
  REQUIRE(created);
  CHECK(mode_of(dir / "ana.key") == 0600);
  CHECK(mode_of(dir / "ana.key.pub") == 0644);
  const auto seed = cli::read_secret_key(dir / "ana.key");
  const auto key = cli::read_public_key(dir / "ana.key.pub");
  REQUIRE(seed);
  REQUIRE(key);
  CHECK(seed->public_key() == key->bytes);
  CHECK(seed->key_id() == created->id());
  const auto signature = events::sign(seed->bytes(), "domain", "message");
  CHECK(events::verify(key->bytes, "domain", "message", signature));
}

TEST_CASE("two keys that are made are not the same") {
  const test::TempDir dir;
  const auto one = cli::create_key_files(dir / "one", false);
  const auto two = cli::create_key_files(dir / "two", false);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->bytes != two->bytes);
}

TEST_CASE("a key is not overwritten without --force, and nothing is left beside it") {
  const test::TempDir dir;
  test::ProgramRun run;
  const auto file = (dir / "ana.key").string();
  REQUIRE(run({"admin", "key", "create", file}).exit == 0);
  const auto before = text_of(file);
  const auto again = run({"admin", "key", "create", file});
  CHECK(again.exit == 2);
  CHECK(again.err.find("file_exists") != std::string::npos);
  CHECK(text_of(file) == before);
  std::filesystem::remove(file);
  CHECK(run({"admin", "key", "create", file}).exit == 2);  // the public key is still there
  CHECK_FALSE(std::filesystem::exists(file));
  const auto forced = run({"admin", "key", "create", file, "--force"});
  CHECK(forced.exit == 0);
  CHECK(text_of(file) != before);
  CHECK(forced.out.find(cli::read_public_key(file + ".pub")->id().str()) != std::string::npos);
  const auto files = std::distance(std::filesystem::directory_iterator(dir.path()), {});
  CHECK(files == 2);
}

TEST_CASE("a secret that others may read is refused") {
  const test::TempDir dir;
  const auto file = dir / "ana.key";
  REQUIRE(cli::create_key_files(file, false));
  for (const unsigned mode : {0640U, 0604U, 0660U, 0601U}) {
    REQUIRE(::chmod(file.c_str(), mode) == 0);
    const auto seed = cli::read_secret_key(file);
    REQUIRE_FALSE(seed);
    CHECK(seed.error().code == "key_exposed");
  }
  REQUIRE(::chmod(file.c_str(), 0400) == 0);
  CHECK(cli::read_secret_key(file));
}

TEST_CASE("a secret is never taken for a public key") {
  const test::TempDir dir;
  REQUIRE(cli::create_key_files(dir / "ana.key", false));
  const auto key = cli::read_public_key(dir / "ana.key");
  REQUIRE_FALSE(key);
  CHECK(key.error().code == "key_unreadable");
  CHECK_FALSE(cli::read_secret_key(dir / "ana.key.pub"));
}

TEST_CASE("a file that holds no key is refused") {
  const test::TempDir dir;
  const std::string digits(64, 'a');
  for (const auto& text : {std::string(), digits + digits, digits.substr(1), "g" + digits.substr(1),
                           digits + "\n" + digits, std::string(5000, '#')}) {
    const auto file = dir / "key.pub";
    std::ofstream(file, std::ios::trunc) << text;
    CHECK_FALSE(cli::read_public_key(file));
  }
  std::ofstream(dir / "key.pub", std::ios::trunc) << "# whose\n" << digits << "\n";
  CHECK(cli::read_public_key(dir / "key.pub"));
  CHECK_FALSE(cli::read_public_key(dir / "absent"));
  CHECK_FALSE(cli::read_public_key(dir.path()));
}

TEST_CASE("key show prints the id that the ledger will know") {
  const test::TempDir dir;
  test::ProgramRun run;
  const auto key = cli::create_key_files(dir / "ana.key", false);
  REQUIRE(key);
  const auto shown = run({"admin", "key", "show", (dir / "ana.key.pub").string(), "--json"});
  CHECK(shown.exit == 0);
  CHECK(shown.out.find(events::key_id_of(key->bytes).str()) != std::string::npos);
  CHECK(run({"admin", "key", "show", (dir / "nothing").string()}).exit == 3);
}
