#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reads a mail back by the rules of RFC 5322, 2045 and 2047; independent of what wrote it.
struct ReadMail {
  std::vector<std::pair<std::string, std::string>> headers;  ///< unfolded, words decoded
  std::string text;                                          ///< decoded, lines ending in \n
  std::string fault;                                         ///< empty when all rules are kept

  std::string header(std::string_view name) const;  ///< "" unless it stands there exactly once
};
ReadMail read_mail(std::string_view bytes);
