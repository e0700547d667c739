#include "api/http/response_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "api/http/cors.hpp"
#include "api/http/file_sender.hpp"
#include "api/http/range.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace {

constexpr std::string_view kRetryAfterSeconds = "1";

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

/// Turns a refusal into its problem details.
void render_problem(const Core& core, const Request& request, Response& response) {
  const Error& error = *response.error();
  const int status =
      response.status() != 0 ? response.status() : status_of(error, core.options.statuses);
  response.status(status);
  response.set("Content-Type", "application/problem+json");
  if (status == 401 && response.get("WWW-Authenticate").empty()) {
    response.set("WWW-Authenticate", "Bearer realm=\"fanledger\"");
  }
  if (status == 503 && response.get("Retry-After").empty()) {
    response.set("Retry-After", kRetryAfterSeconds);
  }
  response.body() = problem_json(error, status, request.id);
}

/// One answer on its way out.
class Writer {
 public:
  Writer(Core& core, Stream& stream, const Head& head, Response& response, bool keep_alive)
      : core_(core), stream_(stream), head_(head), response_(response), keep_alive_(keep_alive) {}

  asio::awaitable<Written> run() {
    if (response_.error()) render_problem(core_, head_.request, response_);
    if (auto* file = std::get_if<FileBody>(&response_.body())) {
      const FileBody body = *file;
      co_return co_await write_file(body);
    }
    if (auto* body = std::get_if<StreamBody>(&response_.body())) {
      const PieceSource next = body->next;
      co_return co_await write_pieces(next);
    }
    const bool sent = co_await write_text();
    co_return finished(sent);
  }

 private:
  bool head_only() const { return head_.request.method == Method::head; }

  Written finished(bool whole) const { return {response_.status(), whole}; }

  std::string fields(std::string_view length_field) const {
    const int status = response_.status();
    std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nX-Request-Id: {}\r\n", status,
                                   reason_phrase(status), http_date(), head_.request.id);
    for (const auto& [name, value] : response_.fields()) {
      fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    }
    const auto unless_set = [&](std::string_view name, std::string_view value) {
      if (response_.get(name).empty()) text += fmt::format("{}: {}\r\n", name, value);
    };
    unless_set("X-Content-Type-Options", "nosniff");
    unless_set("Cache-Control", "no-store");
    unless_set("Referrer-Policy", "no-referrer");
    const bool html = response_.get("Content-Type").starts_with("text/html");
    unless_set("Content-Security-Policy",
               html ? "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
                    : "default-src 'none'; frame-ancestors 'none'; sandbox");
    text += cors_fields(core_.options.cors, head_.request);
    text += length_field;
    text += keep_alive_ ? "\r\n" : "Connection: close\r\n\r\n";
    return text;
  }

  asio::awaitable<bool> write_text() {
    const auto& body = std::get<std::string>(response_.body());
    const bool bare = has_no_body(response_.status());
    const std::string head =
        fields(bare ? std::string() : fmt::format("Content-Length: {}\r\n", body.size()));
    const std::string_view sent_body = bare || head_only() ? std::string_view() : body;
    co_return co_await stream_.write(head, sent_body);
  }

  asio::awaitable<Written> write_file(FileBody file) {
    const auto selection = select(head_.request, file.length, file.etag);
    if (!file.etag.empty()) response_.set("ETag", "\"" + file.etag + "\"");
    response_.set("Accept-Ranges", "bytes");
    if (selection.kind == Selection::not_modified) {
      response_.status(304);
      response_.body() = std::string();
      co_return finished(co_await write_text());
    }
    if (selection.kind == Selection::unsatisfiable) {
      co_return co_await write_unsatisfiable(file.length);
    }
    auto sender = co_await FileSender::open(core_.files, file);
    if (!sender) {
      response_ = Response::problem(sender.error());
      render_problem(core_, head_.request, response_);
      co_return finished(co_await write_text());
    }
    if (selection.kind == Selection::partial) {
      response_.status(206);
      response_.set("Content-Range",
                    fmt::format("bytes {}-{}/{}", selection.offset,
                                selection.offset + selection.length - 1, file.length));
    }
    const std::string head = fields(fmt::format("Content-Length: {}\r\n", selection.length));
    bool sent = co_await stream_.write(head);
    if (sent && !head_only()) {
      sent = co_await sender->send(core_.files, stream_, selection.offset, selection.length);
    }
    co_return finished(sent);
  }

  asio::awaitable<Written> write_unsatisfiable(std::uint64_t size) {
    response_ = Response::problem(Error{ErrorClass::malformed, "range_unsatisfiable", "",
                                        "The range lies outside of the file."});
    response_.set("Content-Range", fmt::format("bytes */{}", size));
    render_problem(core_, head_.request, response_);
    co_return finished(co_await write_text());
  }

  asio::awaitable<Written> write_pieces(PieceSource next) {
    const bool chunked = !head_.http10;
    if (!chunked) keep_alive_ = false;
    const std::string head = fields(chunked ? "Transfer-Encoding: chunked\r\n" : "");
    const bool began = co_await stream_.write(head);
    if (!began) co_return finished(false);
    if (head_only()) co_return finished(true);
    for (;;) {
      const Result<std::string> piece = co_await next();
      if (!piece) co_return finished(false);
      if (piece->empty()) break;
      const std::string size = chunked ? fmt::format("{:x}\r\n", piece->size()) : std::string();
      bool sent = co_await stream_.write(size, *piece);
      if (sent && chunked) sent = co_await stream_.write("\r\n");
      if (!sent) co_return finished(false);
    }
    if (!chunked) co_return finished(true);
    const bool ended = co_await stream_.write("0\r\n\r\n");
    co_return finished(ended);
  }

  Core& core_;
  Stream& stream_;
  const Head& head_;
  Response& response_;
  bool keep_alive_;
};

}  // namespace

asio::awaitable<Written> write_response(Core& core, Stream& stream, const Head& head,
                                        Response& response, bool keep_alive) {
  Writer writer(core, stream, head, response, keep_alive);
  co_return co_await writer.run();
}

}  // namespace fl::http
