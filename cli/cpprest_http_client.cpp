#include "cli/cpprest_http_client.hpp"

// The SDK's macro U would break every template that names a parameter so.
#define _TURN_OFF_PLATFORM_STRING
#include <cpprest/http_client.h>
#include <cpprest/rawptrstream.h>
#include <fmt/format.h>

#include <array>
#include <system_error>

namespace fl::cli {
namespace {

Failure unreachable(const char* code, std::string why) {
  return fail(ErrorClass::unavailable, code, "api", std::move(why));
}

class CpprestHttpClient : public HttpClient {
 public:
  CpprestHttpClient(const web::uri& base, const web::http::client::http_client_config& config,
                    std::string base_url)
      : client_(base, config), base_url_(std::move(base_url)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    try {
      web::http::http_request out(request.method);
      out.set_request_uri(web::uri(request.path));
      out.headers().add("Accept", "application/json, application/problem+json");
      out.headers().add("User-Agent", "fanledger-cli/1");
      if (!request.body.empty()) out.set_body(request.body, "application/json");
      auto in = client_.request(out).get();
      HttpResponse response;
      response.status = in.status_code();
      // Piece by piece, so that no server can fill our memory.
      std::array<std::uint8_t, 16 * 1024> piece{};
      const auto body = in.body();
      while (body.is_valid()) {
        const auto size =
            body.read(concurrency::streams::rawptr_buffer<std::uint8_t>(piece.data(), piece.size()),
                      piece.size())
                .get();
        if (size == 0) break;
        if (response.body.size() + size > kMaxResponseBytes) {
          return unreachable(
              "response_too_large",
              fmt::format("{} answers with more than {} bytes.", base_url_, kMaxResponseBytes));
        }
        response.body.append(reinterpret_cast<const char*>(piece.data()), size);
      }
      return response;
    } catch (const web::http::http_exception& e) {
      if (e.error_code() == std::errc::timed_out) {
        return unreachable("timed_out", fmt::format("{} did not answer in time.", base_url_));
      }
      return unreachable("unreachable",
                         fmt::format("{} cannot be reached: {}.", base_url_, e.what()));
    } catch (const std::exception& e) {
      return unreachable("unreachable",
                         fmt::format("{} cannot be reached: {}.", base_url_, e.what()));
    }
  }

 private:
  web::http::client::http_client client_;
  const std::string base_url_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> connect_by_cpprest(const std::string& base_url,
                                                       std::chrono::milliseconds timeout) {
  try {
    const web::uri base(base_url);
    if ((base.scheme() != "http" && base.scheme() != "https") || base.host().empty()) {
      return fail(ErrorClass::malformed, "api_url", "--api",
                  "The address is http:// or https:// and a host.");
    }
    web::http::client::http_client_config config;
    config.set_timeout(timeout);
    config.set_max_redirects(0);
    return std::unique_ptr<HttpClient>(std::make_unique<CpprestHttpClient>(base, config, base_url));
  } catch (const std::exception& e) {
    return fail(ErrorClass::malformed, "api_url", "--api",
                fmt::format("The address cannot be used: {}.", e.what()));
  }
}

}  // namespace fl::cli
