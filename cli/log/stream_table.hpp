#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/log/stream_digest.hpp"

namespace fl::cli {

/// A line a stream: what it holds, and its digest, to be compared by eye or by program.
void print_streams(const std::vector<log::StreamDigest>& streams, std::ostream& out);
nlohmann::ordered_json streams_json(const std::vector<log::StreamDigest>& streams);

}  // namespace fl::cli
