#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http/server.hpp"

namespace fl::test {

/// A server with a small API that uses every kind of route, on a port of its own.
class SampleApi {
 public:
  explicit SampleApi(http::Limits limits = patient_limits(), http::Cors cors = {});
  ~SampleApi();

  std::uint16_t port() const { return server_->port(); }
  http::Server& server() { return *server_; }
  const std::string& film() const { return film_; }  ///< what GET /v1/film serves
  bool alive() const;                                ///< answers an ordinary request

  struct Seen {
    std::string route;
    int status;
  };
  std::vector<Seen> observations() const;
  std::string last_body_error() const;  ///< of a streamed body that did not arrive whole
  std::shared_ptr<http::WebSocket> last_socket() const;
  int authenticated() const { return authenticated_; }
  int uploads_begun() const { return uploads_begun_; }

  static http::Limits patient_limits();  ///< no deadline is met by chance on a busy machine
  static http::Limits quick_limits();    ///< deadlines short enough to wait for
  static constexpr std::string_view kToken = "tok-alice";
  static constexpr std::string_view kCreatorToken = "tok-creator";  ///< hers too, as a creator

 private:
  http::Router routes();
  std::filesystem::path folder_;
  std::string film_;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::string last_body_error_;
  std::shared_ptr<http::WebSocket> last_socket_;
  std::atomic<int> authenticated_ = 0;
  std::atomic<int> uploads_begun_ = 0;
  std::unique_ptr<http::Server> server_;
};

}  // namespace fl::test
