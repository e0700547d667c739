#pragma once

#include <string>
#include <string_view>

namespace fl::test {

inline const std::string kAlice = "Authorization: Bearer tok-alice\r\n";
inline const std::string kJson = "Content-Type: application/json\r\n";

inline std::string length_of(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

}  // namespace fl::test
