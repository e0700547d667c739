#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <functional>
#include <memory>

#include "core/log/embedded_layout.hpp"
#include "core/log/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/log/damaged_log.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;
using namespace fl::log::damage;

TEST_CASE("a changed byte in a file of the stopped log is refused, or changes nothing") {
  const test::TempDir dir;
  Content whole;
  {
    std::mt19937_64 random(test::seed("damage_test"));
    auto log = EmbeddedLog::open(dir / "log", two_streams());
    REQUIRE(log);
    fill(**log, 60, random);
    whole = *content(**log);
    REQUIRE((*log)->close());
  }
  std::size_t refused = 0, tables = 0, named = 0;
  for (const auto& [path, bytes] : snapshot(dir / "log")) {
    const bool table = path.extension() == ".sst";
    CHECK((path.extension() != ".log" || bytes.empty()));  // closed: all is in tables
    const auto name = path.filename().string();
    const auto step =
        table || bytes.size() > 20'000 ? bytes.size() / 100 + 1 : bytes.size() / 40 + 1;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      CAPTURE(name);
      CAPTURE(at);
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      write_bytes(path, changed);
      const auto found = content_of(dir / "log", true);
      refused += found ? 0 : 1;
      if (found) CHECK(is_whole(found, whole));
      if (table) {
        auto log = EmbeddedLogReader::open(dir / "log");
        const auto verified = log ? (*log)->verify_files() : Status(fail(log.error()));
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == kLogDamaged);
        if (log) CHECK(verified.error().message.find(name) != std::string::npos);
        named += log ? 1 : 0;
        ++tables;
      }
    }
    write_bytes(path, bytes);
  }
  CHECK(refused > 80);
  CHECK(tables > 80);
  CHECK(named > 50);
  CHECK(is_whole(content_of(dir / "log", false), whole));
}

TEST_CASE("a record that is missing, changed or in another's place is refused at its position") {
  struct Tools {
    rocksdb::DB& db;
    rocksdb::ColumnFamilyHandle* ledger;
    rocksdb::ColumnFamilyHandle* meta;
    std::string get(Offset offset) {
      std::string value;
      REQUIRE(db.Get({}, ledger, layout::record_key(0, offset), &value).ok());
      return value;
    }
    void put(Offset offset, const std::string& value) {
      REQUIRE(db.Put({}, ledger, layout::record_key(0, offset), value).ok());
    }
    void remove(Offset offset) {
      REQUIRE(db.Delete({}, ledger, layout::record_key(0, offset)).ok());
    }
    void set_end(Offset end) {
      REQUIRE(db.Put({}, meta, layout::next_key(Stream::ledger, 0), layout::encode_u64(end)).ok());
    }
  };
  struct Row {
    const char* what;
    std::function<void(Tools&)> meddle;
    const char* position;
  };
  const Row rows[] = {
      {"missing in the middle", [](Tools& t) { t.remove(4); }, "ledger/0@4"},
      {"missing at the front", [](Tools& t) { t.remove(0); }, "ledger/0@0"},
      {"missing at the end", [](Tools& t) { t.remove(9); }, "ledger/0@9"},
      {"one bit of its value changed",
       [](Tools& t) {
         auto value = t.get(5);
         value.back() = static_cast<char>(value.back() ^ 1);
         t.put(5, value);
       },
       "ledger/0@5"},
      {"cut short", [](Tools& t) { t.put(6, t.get(6).substr(0, 7)); }, "ledger/0@6"},
      {"another record in its place", [](Tools& t) { t.put(3, t.get(2)); }, "ledger/0@3"},
      {"one too many at the end", [](Tools& t) { t.put(10, t.get(9)); }, "ledger/0@9"},
      {"an end that is too low", [](Tools& t) { t.set_end(9); }, "ledger/0@8"},
      {"an end that is too high", [](Tools& t) { t.set_end(12); }, "ledger/0@11"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const test::TempDir dir;
    {
      auto log = EmbeddedLog::open(dir / "log", two_streams());
      REQUIRE(log);
      for (int i = 0; i < 10; ++i)
        REQUIRE((*log)->append(Stream::ledger, 0, std::vector{contract::record("same")}));
    }
    {
      std::vector<std::string> names;
      const auto path = (dir / "log").string();
      REQUIRE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
      std::vector<rocksdb::ColumnFamilyDescriptor> families;
      for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
      std::vector<rocksdb::ColumnFamilyHandle*> handles;
      rocksdb::DB* opened = nullptr;
      REQUIRE(rocksdb::DB::Open({}, path, families, &handles, &opened).ok());
      const std::unique_ptr<rocksdb::DB> db(opened);
      Tools tools{*db, nullptr, nullptr};
      for (auto* handle : handles) {
        if (handle->GetName() == "ledger") tools.ledger = handle;
        if (handle->GetName() == layout::kMeta) tools.meta = handle;
      }
      row.meddle(tools);
      for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    }
    for (const bool read_only : {true, false}) {
      const auto found = content_of(dir / "log", read_only);
      REQUIRE_FALSE(found);
      CHECK(found.error().kind == ErrorClass::unavailable);
      CHECK(found.error().code == kLogDamaged);
      CHECK(found.error().message.find(row.position) != std::string::npos);
    }
  }
}

TEST_CASE("a log is refused to whoever wants other streams, and a strange directory is no log") {
  const test::TempDir dir;
  CHECK(EmbeddedLog::open(dir / "log", two_streams()));
  const auto code = [&](std::vector<StreamConfig> streams) {
    const auto opened = EmbeddedLog::open(dir / "log", std::move(streams));
    return opened ? "" : opened.error().code;
  };
  CHECK(code(two_streams()) == "");
  CHECK(code({{Stream::ledger, 1, false}}) == "log_config_differs");
  CHECK(code({{Stream::ledger, 2, false}, {Stream::activity, 2, false}}) == "log_config_differs");
  CHECK(code({{Stream::ledger, 1, false}, {Stream::ledger, 1, false}}) == "bad_streams");
  CHECK(code({{Stream::ledger, 0, false}}) == "bad_streams");
  CHECK(code({}) == "bad_streams");
  EmbeddedOptions keeping;
  keeping.keep_partitions = true;
  auto more = two_streams();
  for (auto& each : more) each.partitions += 2;
  {
    const auto kept = EmbeddedLog::open(dir / "log", more, keeping);
    REQUIRE_MESSAGE(kept, (kept ? "" : kept.error().message));
    CHECK((*kept)->streams() == two_streams());
  }
  CHECK_FALSE(EmbeddedLog::open(dir / "log", {{Stream::ledger, 1, false}}, keeping));
  fs::create_directory(dir / "empty");
  CHECK_FALSE(EmbeddedLogReader::open(dir / "empty"));
  CHECK_FALSE(EmbeddedLogReader::open(dir / "absent"));
  CHECK(fs::is_empty(dir / "empty"));
  CHECK_FALSE(fs::exists(dir / "absent"));
}

TEST_CASE("what a compacted stream has replaced is in no file any more") {
  const test::TempDir dir;
  const std::string old_secret = "the wrapped key of someone to be forgotten";
  const std::vector<StreamConfig> streams = {{Stream::ledger, 1, false},
                                             {Stream::secrets, 1, true}};
  const auto is_in_files = [&] {
    for (const auto& [path, bytes] : snapshot(dir / "log"))
      if (bytes.find(old_secret) != std::string::npos) return true;
    return false;
  };
  auto log = EmbeddedLog::open(dir / "log", streams);
  REQUIRE(log);
  REQUIRE((*log)->append(Stream::secrets, 0, std::vector{contract::record(old_secret, "anna")}));
  REQUIRE((*log)->append(Stream::ledger, 0, std::vector{contract::record("unrelated")}));
  CHECK(is_in_files());
  REQUIRE((*log)->compact());
  CHECK(is_in_files());  // it is still the latest of its key
  REQUIRE((*log)->append(Stream::secrets, 0, std::vector{contract::record("", "anna")}));
  REQUIRE((*log)->compact());
  CHECK_FALSE(is_in_files());
  CHECK(contract::read_all(**log, Stream::secrets, 0) == std::vector<Record>{{1, "anna", ""}});
}
