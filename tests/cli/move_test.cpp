#include <doctest/doctest.h>
#include <sys/stat.h>

#include <map>
#include <random>

#include "core/log/embedded_import.hpp"
#include "core/log/kafka_import.hpp"
#include "tests/cli/moved_platform.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using log::Stream;
using test::bytes_of;
using test::MovedPlatform;

namespace {

const std::vector<Stream> kDense = {Stream::ledger, Stream::activity, Stream::jobs};

std::vector<log::Record> on_disk(const std::string& directory, const std::vector<Stream>& streams) {
  const auto log = log::EmbeddedLogReader::open(directory + "/log");
  REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
  return test::records_of(**log, streams);
}

/// What the stream `secrets` comes to: each log has its own offsets there, and its own word of what
/// was deleted.
std::map<std::string, std::string> secrets_in(const std::vector<log::Record>& records) {
  std::map<std::string, std::string> out;
  for (const auto& each : records) out[each.key] = each.value;
  std::erase_if(out, [](const auto& entry) { return entry.second.empty(); });
  return out;
}

}  // namespace

TEST_CASE("a log goes from one machine to Kafka and back, and is the same everywhere") {
  MovedPlatform platform;
  platform.must({"audit", "verify", "--data", platform.data});
  const auto out = platform.must({"log", "export", "--data", platform.data, platform.file("out")});
  struct stat info {};
  REQUIRE(::stat(platform.file("out").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(out["streams"][3]["records"] == 5);  // of six persons one was deleted
  const auto bytes = bytes_of(platform.file("out"));
  CHECK(bytes.find("secret 19") != std::string::npos);
  CHECK(bytes.find("secret 7") == std::string::npos);

  const auto there = platform.must_import_to_kafka("out");
  CHECK(there["resumed"] == false);
  CHECK(there["streams_in_file"] == out["streams"]);
  CHECK(there["streams_in_log"] == out["streams"]);
  const auto audited = platform.must(platform.on_kafka({"audit", "verify"}));
  CHECK(audited["head"] == platform.must({"audit", "verify", "--data", platform.data})["head"]);
  {
    const auto log = platform.open_kafka();
    CHECK(test::records_of(*log, kDense) == on_disk(platform.data, kDense));
    CHECK(secrets_in(test::records_of(*log, {Stream::secrets})) ==
          secrets_in(on_disk(platform.data, {Stream::secrets})));
  }

  const auto again = platform.must(platform.on_kafka({"log", "export", platform.file("again")}));
  CHECK(again["streams"] == out["streams"]);
  const auto home = platform.file("home");
  const auto back = platform.must({"log", "import", platform.file("again"), "--data", home});
  CHECK(back["streams_in_log"] == out["streams"]);
  CHECK(on_disk(home, kDense) == on_disk(platform.data, kDense));
  CHECK(secrets_in(on_disk(home, {Stream::secrets})) ==
        secrets_in(on_disk(platform.data, {Stream::secrets})));
  CHECK(platform.must({"audit", "verify", "--data", home})["head"] == audited["head"]);
}

TEST_CASE("what was replaced or deleted on Kafka is in no file, though it is not cleaned yet") {
  MovedPlatform platform;
  platform.must({"log", "export", "--data", platform.data, platform.file("out")});
  platform.must_import_to_kafka("out");
  {
    const auto log = platform.open_kafka();
    for (const auto& value : {"forget me", ""}) {
      const log::NewRecord record{"somebody", value};
      REQUIRE(log->append(Stream::secrets, 0, {&record, 1}));
    }
    CHECK(test::records_of(*log, {Stream::secrets}).size() == 7);
  }
  const auto again = platform.must(platform.on_kafka({"log", "export", platform.file("again")}));
  CHECK(again["streams"][3]["records"] == 5);
  CHECK(bytes_of(platform.file("again")).find("forget me") == std::string::npos);
}

TEST_CASE("an audit's export is no log to import, and holds no secret") {
  MovedPlatform platform;
  platform.must({"audit", "export", "--data", platform.data, platform.file("audit")});
  CHECK(bytes_of(platform.file("audit")).find("secret") == std::string::npos);
  const auto ran =
      platform.run({"log", "import", platform.file("audit"), "--data", platform.file("home")});
  CHECK(ran.exit == 1);
  CHECK(ran.err.find("not_a_whole_log") != std::string::npos);
}

TEST_CASE("a file with any changed byte is not imported, and nothing is written") {
  std::mt19937_64 random(test::seed("changed log file"));
  MovedPlatform platform;
  platform.must({"log", "export", "--data", platform.data, platform.file("out")});
  const auto whole = bytes_of(platform.file("out"));
  for (int i = 0; i < 100; ++i) {
    auto changed = whole;
    const auto at = random() % whole.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 + random() % 255));
    if (i == 0) changed.pop_back();
    test::write_bytes(platform.file("changed"), changed);
    const auto ran =
        platform.run({"log", "import", platform.file("changed"), "--data", platform.file("home")});
    // Of a changed head it may be told that it is of no log.
    CHECK_MESSAGE((ran.exit == 3 || (at < 64 && ran.exit == 1)), "byte " << at << ": " << ran.err);
    CHECK_FALSE(std::filesystem::exists(platform.file("home")));
  }
  const auto ran = platform.run(platform.on_kafka({"log", "import", platform.file("changed")}));
  CHECK(ran.exit == 3);
  CHECK(platform.run(platform.on_kafka({"audit", "verify"})).err.find("log_missing") !=
        std::string::npos);
}

TEST_CASE("a log that holds something is not imported into, and the stream is named") {
  MovedPlatform platform;
  platform.must({"log", "export", "--data", platform.data, platform.file("out")});
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& stream) {
    const auto ran = platform.run(arguments);
    CHECK(ran.exit == 1);
    CHECK_MESSAGE(ran.err.find("The stream " + stream + " holds something") != std::string::npos,
                  ran.err);
    CHECK(ran.err.find("log_not_empty") != std::string::npos);
  };
  refused({"log", "import", platform.file("out"), "--data", platform.data}, "ledger");
  const auto before = on_disk(platform.data, kDense);
  const auto on_kafka =
      platform.on_kafka({"log", "import", platform.file("out"), "--replication", "1"});
  {
    const auto log = platform.open_kafka();
    const log::NewRecord record{"somebody", "secret"};
    REQUIRE(log->append(Stream::secrets, 0, {&record, 1}));
  }
  refused(on_kafka, "secrets");
  CHECK(platform.open_kafka()->end(Stream::ledger, 0).value_or(9) == 0);
  CHECK(on_disk(platform.data, kDense) == before);
}

TEST_CASE("an import that was cut off is no log for anybody, and is finished by the same file") {
  MovedPlatform platform;
  platform.must({"log", "export", "--data", platform.data, platform.file("out")});
  const auto original = log::EmbeddedLogReader::open(platform.data + "/log");
  REQUIRE(original);
  // As a process leaves it that died between two appends: some partitions whole, one begun.
  const auto begin = [&](log::Log& log) {
    for (const auto stream : {Stream::ledger, Stream::activity}) {
      auto records = log::contract::read_all(**original, stream, 0);
      if (stream == Stream::activity) records.resize(1);
      for (const auto& each : records) {
        const log::NewRecord record{each.key, each.value};
        REQUIRE(log.append(stream, 0, {&record, 1}));
      }
    }
  };
  SUBCASE("on Kafka") {
    {
      auto import = log::KafkaImport::begin(MovedPlatform::streams(), platform.kafka.options);
      REQUIRE_MESSAGE(import, (import ? "" : import.error().message));
      begin((*import)->log());
    }
    for (const auto& command :
         {std::vector<std::string>{"audit", "verify"}, {"log", "export", platform.file("half")}}) {
      const auto ran = platform.run(platform.on_kafka(command));
      CHECK(ran.exit == 3);
      CHECK_MESSAGE(ran.err.find("import_unfinished") != std::string::npos, ran.err);
    }
    const auto server = log::KafkaLog::open(MovedPlatform::streams(), platform.kafka.options);
    REQUIRE_FALSE(server);
    CHECK(server.error().code == "import_unfinished");
    CHECK(platform.must_import_to_kafka("out")["resumed"] == true);
    platform.must(platform.on_kafka({"audit", "verify"}));
    CHECK(test::records_of(*platform.open_kafka(), kDense) == on_disk(platform.data, kDense));
  }
  SUBCASE("on one machine") {
    const auto home = platform.file("home");
    std::filesystem::create_directories(home);
    {
      auto import = log::EmbeddedImport::begin(home + "/log", MovedPlatform::streams());
      REQUIRE_MESSAGE(import, (import ? "" : import.error().message));
      begin((*import)->log());
    }
    CHECK_FALSE(std::filesystem::exists(home + "/log"));
    CHECK(platform.must({"log", "import", platform.file("out"), "--data", home})["resumed"] ==
          true);
    platform.must({"audit", "verify", "--data", home});
    CHECK(on_disk(home, kDense) == on_disk(platform.data, kDense));
    CHECK_FALSE(std::filesystem::exists(home + "/log.importing"));
  }
  SUBCASE("but not by another file") {
    const auto home = platform.file("home");
    std::filesystem::create_directories(home);
    {
      auto import = log::EmbeddedImport::begin(home + "/log", MovedPlatform::streams());
      REQUIRE(import);
      const log::NewRecord record{"", "of another ledger"};
      REQUIRE((*import)->log().append(Stream::ledger, 0, {&record, 1}));
    }
    const auto ran = platform.run({"log", "import", platform.file("out"), "--data", home});
    CHECK(ran.exit == 1);
    CHECK_MESSAGE(ran.err.find("import_differs") != std::string::npos, ran.err);
    CHECK(ran.err.find("ledger/0@0") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(home + "/log"));
  }
}
