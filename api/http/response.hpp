#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/http/awaitable.hpp"
#include "core/base/error.hpp"

namespace fl::http {

/// Part of a file on disk, opened and streamed by the edge in bounded memory. The edge serves byte
/// ranges of it, HEAD, If-Range and If-None-Match.
struct FileBody {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string etag;  ///< strong, without quotes; empty: none
};

/// Yields the next piece of a body, empty at its end. An error cuts the connection, so that the
/// client sees that the body is not whole. `open_ended` bodies (server-sent events) may pause for
/// any time between pieces.
using PieceSource = std::function<boost::asio::awaitable<Result<std::string>>()>;
struct StreamBody {
  PieceSource next;
};

class Response {
 public:
  static Response json(const nlohmann::json& value, int status = 200);
  static Response bytes(std::string body, std::string content_type, int status = 200);
  static Response empty(int status = 204);
  static Response file(std::filesystem::path path, std::uint64_t offset, std::uint64_t length,
                       std::string content_type, std::string etag);
  static Response stream(std::string content_type, PieceSource next, int status = 200);
  /// The same answer as a handler that fails with `error`; for adding fields to it.
  static Response problem(Error error);

  /// Sets a field, replacing one of that name. Control characters are dropped from the value, so
  /// that nobody's input can add a field of its own. Content-Length, Connection and
  /// Transfer-Encoding are the edge's.
  Response& set(std::string_view name, std::string_view value) &;
  Response&& set(std::string_view name, std::string_view value) && {
    return std::move(set(name, value));
  }
  Response& status(int status) & {
    status_ = status;
    return *this;
  }
  Response&& status(int status) && { return std::move(this->status(status)); }
  /// Default: no-store.
  Response& cache_control(std::string_view value) & { return set("Cache-Control", value); }
  Response&& cache_control(std::string_view value) && { return std::move(cache_control(value)); }

  int status() const { return status_; }  ///< 0: by the problem's class and code
  std::string_view get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
  using Body = std::variant<std::string, FileBody, StreamBody>;
  const Body& body() const { return body_; }
  Body& body() { return body_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  explicit Response(int status) : status_(status) {}
  int status_;
  std::vector<std::pair<std::string, std::string>> fields_;
  Body body_;
  std::optional<Error> error_;
};

}  // namespace fl::http
