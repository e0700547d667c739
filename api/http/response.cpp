#include "api/http/response.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/http/request.hpp"

namespace fl::http {

Response Response::json(const nlohmann::json& value, int status) {
  // Text that is not UTF-8 can only be a defect of ours; a replacement mark beats no answer.
  return bytes(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
               "application/json", status);
}

Response Response::bytes(std::string body, std::string content_type, int status) {
  Response response(status);
  response.set("Content-Type", content_type);
  response.body_ = std::move(body);
  return response;
}

Response Response::empty(int status) {
  return Response(status);
}

Response Response::file(std::filesystem::path path, std::uint64_t offset, std::uint64_t length,
                        std::string content_type, std::string etag) {
  Response response(200);
  response.set("Content-Type", content_type);
  response.body_ = FileBody{std::move(path), offset, length, std::move(etag)};
  return response;
}

Response Response::stream(std::string content_type, PieceSource next, int status) {
  Response response(status);
  response.set("Content-Type", content_type);
  response.body_ = StreamBody{std::move(next)};
  return response;
}

Response Response::problem(Error error) {
  Response response(0);
  response.error_ = std::move(error);
  return response;
}

Response& Response::set(std::string_view name, std::string_view value) & {
  std::string clean;
  clean.reserve(value.size());
  std::copy_if(value.begin(), value.end(), std::back_inserter(clean), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
  for (auto& [key, old] : fields_) {
    if (!same_name(key, name)) continue;
    old = std::move(clean);
    return *this;
  }
  fields_.emplace_back(std::string(name), std::move(clean));
  return *this;
}

std::string_view Response::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return {};
}

}  // namespace fl::http
