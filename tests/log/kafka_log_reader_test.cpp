#include "core/log/kafka_log_reader.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "core/log/kafka_admin.hpp"
#include "core/log/kafka_import.hpp"
#include "core/log/log_export.hpp"
#include "tests/log/kafka_subject.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;
using namespace std::chrono_literals;

namespace {

const std::vector<Stream> kAll = {Stream::secrets, Stream::ledger, Stream::activity, Stream::jobs};

std::unique_ptr<KafkaLogReader> read(const KafkaSubject& subject) {
  auto reader = KafkaLogReader::open(kAll, subject.options);
  REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().message));
  return std::move(*reader);
}

void append(Log& log, Stream stream, const std::string& value, const std::string& key = "k") {
  const auto record = contract::record(value, key);
  REQUIRE(log.append(stream, 0, {&record, 1}));
}

bool has_topic(const KafkaSubject& subject, const std::string& topic) {
  const auto client = kafka::connect(subject.options, {});
  REQUIRE(client);
  const auto found = kafka::describe(**client, topic, kafka::after(30s));
  REQUIRE(found);
  return found->has_value();
}

}  // namespace

TEST_CASE("a reader finds the partitions by itself, and reads what the log holds") {
  const KafkaSubject subject;
  const auto log = subject.open();
  for (int i = 0; i < 300; ++i) append(*log, Stream::ledger, "value " + std::to_string(i));
  append(*log, Stream::activity, "act");
  append(*log, Stream::secrets, "first");
  append(*log, Stream::secrets, "", "other");
  const auto reader = read(subject);
  CHECK(reader->streams() == contract::streams());
  for (const auto& config : reader->streams()) {
    for (PartitionIndex p = 0; p < config.partitions; ++p)
      CHECK(contract::read_all(*reader, config.stream, p) ==
            contract::read_all(*log, config.stream, p));
  }
  CHECK(reader->partitions(Stream::jobs) == log->partitions(Stream::jobs));
  CHECK_FALSE(reader->read(Stream::ledger, 1, 0, 1, 1));
}

TEST_CASE("a reader's ends are fixed when it is opened, though servers append") {
  const KafkaSubject subject;
  const auto log = subject.open();
  append(*log, Stream::ledger, "seen");
  append(*log, Stream::secrets, "seen");
  const auto reader = read(subject);
  CHECK(reader->has_grown().value_or(true) == false);
  append(*log, Stream::ledger, "later");
  append(*log, Stream::secrets, "later");
  CHECK(reader->has_grown().value_or(false));
  for (const auto stream : {Stream::ledger, Stream::secrets}) {
    CHECK(reader->end(stream, 0).value_or(9) == 1);
    CHECK(contract::values_of(contract::read_all(*reader, stream, 0)) ==
          std::vector<std::string>{"seen"});
    CHECK(reader->read(stream, 0, 1, 10, 1000)->empty());
  }
}

TEST_CASE("a reader makes no topic: one that is missing is named") {
  KafkaSubject subject;
  const auto missing = KafkaLogReader::open(kAll, subject.options);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == "log_missing");
  CHECK(missing.error().field == subject.topic(Stream::ledger));
  for (const auto stream : kAll) CHECK_FALSE(has_topic(subject, subject.topic(stream)));
  subject.options.bootstrap = "127.0.0.1:1";
  subject.options.open_timeout = 1s;
  CHECK(KafkaLogReader::open(kAll, subject.options).error().code == "log_unreachable");
}

TEST_CASE("half an import is opened by nobody but who goes on with it") {
  const KafkaSubject subject;
  {
    const auto import = KafkaImport::begin(contract::streams(), subject.options);
    REQUIRE_MESSAGE(import, (import ? "" : import.error().message));
    CHECK_FALSE((*import)->resumed());
    append((*import)->log(), Stream::ledger, "half");
  }
  CHECK(subject.refused().code == "import_unfinished");
  CHECK(KafkaLogReader::open(kAll, subject.options).error().code == "import_unfinished");
  {
    const auto import = KafkaImport::begin(contract::streams(), subject.options);
    REQUIRE(import);
    CHECK((*import)->resumed());
    append((*import)->log(), Stream::ledger, "whole");
    REQUIRE((*import)->finish());
  }
  CHECK(contract::values_of(contract::read_all(*subject.open(), Stream::ledger, 0)) ==
        std::vector<std::string>{"half", "whole"});
  CHECK(read(subject)->end(Stream::ledger, 0).value_or(0) == 2);
  const auto again = KafkaImport::begin(contract::streams(), subject.options);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "log_not_empty");
  CHECK(again.error().field == "ledger");
}

TEST_CASE(
    "what came after a reader was opened is not read, though the cleaner took what was before") {
  KafkaSubject subject;
  // A segment for each append, so that all but the last may be cleaned at once.
  subject.options.topic_settings[Stream::secrets] = {{"segment.bytes", "120"},
                                                     {"min.cleanable.dirty.ratio", "0"}};
  const auto log = subject.open();
  append(*log, Stream::secrets, "kept", "somebody");
  append(*log, Stream::secrets, "seen", "x");
  const auto reader = read(subject);
  const auto deadline = kafka::after(60s);
  for (bool cleaned = false; !cleaned;) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    append(*log, Stream::secrets, "later", "x");
    std::this_thread::sleep_for(100ms);  // between looks
    const auto now = read(subject)->read(Stream::secrets, 0, 1, 1, 1);
    REQUIRE(now);
    cleaned = !now->empty() && now->front().offset > 1;
  }
  CHECK(contract::values_of(contract::read_all(*reader, Stream::secrets, 0)) ==
        std::vector<std::string>{"kept"});
  CHECK(reader->read(Stream::secrets, 0, 1, 10, 1000)->empty());
  const test::TempDir dir;
  const auto exported = export_log(*reader, {Stream::secrets}, "id", {}, dir / "file");
  REQUIRE_MESSAGE(exported, (exported ? "" : exported.error().message));
  CHECK(exported->streams[0].records == 1);
}
