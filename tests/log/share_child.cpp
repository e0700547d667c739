// A process that is a member of a group, to be stopped, woken or killed: it does on its standard
// input's command what a share does, and answers by a line. Usage: share_child BOOTSTRAP PREFIX
// GROUP STREAM…
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "core/log/kafka_share.hpp"

namespace {

using namespace fl;
using namespace fl::log;

Held held_in(std::istream& line) {
  int stream = 0;
  Held held;
  line >> stream >> held.partition >> held.generation;
  held.stream = static_cast<Stream>(stream);
  return held;
}

std::string answer(WorkShare& share, std::istream& line) {
  std::string command;
  line >> command;
  std::string out;
  if (command == "assigned") {
    for (const auto& held : share.assigned())
      out +=
          fmt::format("{} {} {} ", static_cast<int>(held.stream), held.partition, held.generation);
  } else if (command == "commit") {
    const auto held = held_in(line);
    Offset next = 0;
    line >> next;
    const auto done = share.commit(held, next);
    out = done ? "done" : done.error().code;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 64;
  spdlog::set_default_logger(spdlog::stderr_logger_mt("share_child"));  // answers go elsewhere
  KafkaOptions options;
  options.bootstrap = argv[1];
  options.prefix = argv[2];
  std::vector<StreamConfig> log;
  std::vector<Stream> streams;
  for (int i = 4; i < argc; ++i) {
    streams.push_back(static_cast<Stream>(std::atoi(argv[i])));
    log.push_back({streams.back(), kMaxPartitions, false});
  }
  auto share = KafkaShare::join(options, log, argv[3], streams);
  if (!share) {
    std::cerr << share.error().message << std::endl;
    return 1;
  }
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line(text);
    std::cout << answer(**share, line) << std::endl;
  }
  return 0;
}
