#include "core/log/kafka_config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace fl::log {

namespace {

constexpr std::size_t kMaxNameBytes = 128;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
         });
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

Failure unreadable(const std::filesystem::path& file, std::string_view why) {
  return fail(ErrorClass::unavailable, "file_unreadable", "kafka-config",
              fmt::format("{} cannot be read: {}.", file.string(), why));
}

Failure bad(const std::filesystem::path& file, std::size_t line, std::string_view why) {
  return fail(ErrorClass::malformed, "bad_kafka_config", "kafka-config",
              fmt::format("{}, line {}: {}.", file.string(), line, why));
}

Result<std::string> contents(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return unreadable(file, error ? error.message() : "it is no file");
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(file, std::strerror(errno));
  std::string text(kMaxKafkaConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return unreadable(file, std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMaxKafkaConfigBytes)
    return fail(ErrorClass::malformed, "bad_kafka_config", "kafka-config",
                fmt::format("{} has more than {} bytes.", file.string(), kMaxKafkaConfigBytes));
  return text;
}

}  // namespace

Result<std::map<std::string, std::string>> read_kafka_config(const std::filesystem::path& file) {
  auto text = contents(file);
  if (!text) return fail(text.error());
  std::map<std::string, std::string> out;
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto whole = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), whole.size() + 1));
    const auto line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return bad(file, number, "a setting is NAME=VALUE");
    const auto name = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
    // What is no name may be a password in the wrong place: it is not shown either.
    if (!is_name(name))
      return bad(file, number, "a name has lower-case letters, digits, dots and underscores");
    if (name == "bootstrap.servers" || name == "metadata.broker.list")
      return bad(file, number, "where the brokers are is said by --kafka");
    if (value.empty()) return bad(file, number, fmt::format("{} has no value", name));
    if (!is_value(value))
      return bad(file, number, fmt::format("the value of {} holds a control character", name));
    if (!out.emplace(name, value).second)
      return bad(file, number, fmt::format("{} is set a second time", name));
    if (out.size() > kMaxKafkaConfigSettings)
      return bad(file, number, fmt::format("more than {} settings", kMaxKafkaConfigSettings));
  }
  return out;
}

}  // namespace fl::log
