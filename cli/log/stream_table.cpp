#include "cli/log/stream_table.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <nlohmann/json.hpp>

#include "core/base/encoding.hpp"

namespace fl::cli {

void print_streams(const std::vector<log::StreamDigest>& streams, std::ostream& out) {
  for (const auto& each : streams) {
    fmt::print(out, "{:9} {:>12} records in {:>3} partitions  {}\n", to_string(each.stream),
               each.records, each.partitions, to_hex(each.digest.view()));
  }
}

nlohmann::ordered_json streams_json(const std::vector<log::StreamDigest>& streams) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& each : streams) {
    out.push_back({{"stream", to_string(each.stream)},
                   {"partitions", each.partitions},
                   {"records", each.records},
                   {"sha256", to_hex(each.digest.view())}});
  }
  return out;
}

}  // namespace fl::cli
