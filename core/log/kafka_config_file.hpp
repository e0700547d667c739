#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/error.hpp"

namespace fl::log {

inline constexpr std::size_t kMaxKafkaConfigBytes = 64 * 1024;
inline constexpr std::size_t kMaxKafkaConfigSettings = 200;

/// Further settings of librdkafka from a file, for what must not stand among a program's arguments:
/// `NAME=VALUE` a line; a line that begins with # is a comment, an empty one nothing. Blanks around
/// name and value are not theirs, and a value may hold `=` and `#`. Where the brokers are is not
/// said here. Errors: malformed `bad_kafka_config`, naming file and line, and never what stands
/// there, which may be a password; unavailable `file_unreadable`.
Result<std::map<std::string, std::string>> read_kafka_config(const std::filesystem::path& file);

}  // namespace fl::log
