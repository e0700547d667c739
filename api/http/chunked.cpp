#include "api/http/chunked.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace fl::http {
namespace {

constexpr std::size_t kMaxTrailerBytes = 4096;

/// "1a3" or "1a3;name=value" → 0x1a3.
std::optional<std::uint64_t> chunk_size(std::string_view line) {
  const auto digits = line.substr(0, line.find_first_of("; \t"));
  if (digits.empty() || digits.size() > 15) return std::nullopt;
  std::uint64_t size = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (ec != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const auto rest = line.substr(digits.size());
  const auto mark = rest.find_first_not_of(" \t");
  if (!rest.empty() && (mark == std::string_view::npos || rest[mark] != ';')) return std::nullopt;
  return size;
}

bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::next(std::string_view buffered) {
  Step step;
  for (;;) {
    const auto rest = buffered.substr(step.skip);
    switch (state_) {
      case State::data:
        if (left_ == 0) {
          state_ = State::data_end;
          continue;
        }
        step.kind = Step::data;
        step.size = left_;
        return step;
      case State::data_end:
        if (!std::string_view("\r\n").starts_with(rest.substr(0, 2))) {
          step.kind = Step::malformed;
          return step;
        }
        if (rest.size() < 2) return step;
        step.skip += 2;
        state_ = State::size_line;
        continue;
      case State::size_line:
      case State::trailer: {
        const auto end = rest.find('\n');
        const auto line_size = end == std::string_view::npos ? rest.size() : end;
        if (line_size > max_line_) {
          step.kind = Step::malformed;
          return step;
        }
        if (end == std::string_view::npos) return step;
        const bool ends_well = end > 0 && rest[end - 1] == '\r';
        const auto line = ends_well ? rest.substr(0, end - 1) : std::string_view();
        if (!ends_well || has_control(line)) {
          step.kind = Step::malformed;
          return step;
        }
        step.skip += end + 1;
        if (state_ == State::trailer) {
          trailer_bytes_ += line.size();
          if (trailer_bytes_ > kMaxTrailerBytes) {
            step.kind = Step::malformed;
            return step;
          }
          if (line.empty()) state_ = State::done;
          continue;
        }
        const auto size = chunk_size(line);
        if (!size) {
          step.kind = Step::malformed;
          return step;
        }
        left_ = *size;
        state_ = left_ == 0 ? State::trailer : State::data;
        continue;
      }
      case State::done:
        step.kind = Step::end;
        return step;
    }
  }
}

}  // namespace fl::http
