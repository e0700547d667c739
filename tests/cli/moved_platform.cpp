#include "tests/cli/moved_platform.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace fl::test {

using log::Stream;

const std::vector<log::StreamConfig>& MovedPlatform::streams() {
  static const std::vector<log::StreamConfig> all = {{Stream::ledger, 1, false},
                                                     {Stream::activity, 3, false},
                                                     {Stream::jobs, 2, false},
                                                     {Stream::secrets, 1, true}};
  return all;
}

MovedPlatform::MovedPlatform() {
  std::filesystem::create_directories(data);
  auto log = log::EmbeddedLog::open(data + "/log", streams());
  REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
  PlatformWorld world(**log);
  const auto ana = world.creator("ana", 999);
  const auto ben = world.fan("ben");
  world.deposit(ben, 5000);
  world.subscribe(ben, ana, 999);
  world.take_over();
  for (int i = 0; i < 5; ++i) {
    const auto post = world.post(ana, 500);
    world.like(ben, post);
    world.comment(ben, post, CommentId::from_digest(sha256("c" + std::to_string(i))));
  }
  world.stop();
  const auto put = [&](Stream stream, log::PartitionIndex partition, const std::string& key,
                       const std::string& value) {
    const log::NewRecord record{key, value};
    REQUIRE((*log)->append(stream, partition, {&record, 1}));
  };
  for (int i = 0; i < 7; ++i) put(Stream::jobs, i % 2, "", "job " + std::to_string(i));
  for (int i = 0; i < 20; ++i)
    put(Stream::secrets, 0, "person " + std::to_string(i % 6), "secret " + std::to_string(i));
  put(Stream::secrets, 0, "person 3", "");
  REQUIRE((*log)->close());
  run.now = world.clock.now();
}

std::vector<std::string> MovedPlatform::on_kafka(std::vector<std::string> arguments) const {
  for (const auto& each : {std::string("--kafka"), kafka.options.bootstrap,
                           std::string("--topic-prefix"), kafka.options.prefix})
    arguments.push_back(each);
  return arguments;
}

nlohmann::json MovedPlatform::must(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const auto ran = run(arguments);
  REQUIRE_MESSAGE(ran.exit == 0, arguments[0] << " " << arguments[1] << ": " << ran.out << ran.err);
  return nlohmann::json::parse(ran.out);
}

nlohmann::json MovedPlatform::must_import_to_kafka(const std::string& name) {
  return must(on_kafka({"log", "import", file(name), "--replication", "1"}));
}

std::unique_ptr<log::KafkaLog> MovedPlatform::open_kafka() const {
  auto opened = log::KafkaLog::open(streams(), kafka.options);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  return std::move(*opened);
}

std::vector<log::Record> records_of(log::LogReader& log, const std::vector<Stream>& streams) {
  std::vector<log::Record> out;
  for (const auto stream : streams) {
    for (log::PartitionIndex p = 0; p < log.partitions(stream); ++p) {
      for (auto& each : log::contract::read_all(log, stream, p)) out.push_back(std::move(each));
    }
  }
  return out;
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace fl::test
