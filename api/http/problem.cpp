#include "api/http/problem.hpp"

#include <nlohmann/json.hpp>

namespace fl::http {
namespace {

const StatusByCode& built_in() {
  static const StatusByCode statuses{
      {"insufficient_funds", 402},     {"method_not_allowed", 405},
      {"request_timeout", 408},        {"length_required", 411},
      {"precondition_failed", 412},    {"body_too_large", 413},
      {"target_too_long", 414},        {"unsupported_media_type", 415},
      {"range_unsatisfiable", 416},    {"expectation_failed", 417},
      {"upgrade_required", 426},       {"too_many_requests", 429},
      {"header_too_large", 431},       {"internal", 500},
      {"transfer_coding_unknown", 501}};
  return statuses;
}

}  // namespace

int status_of(const Error& error, const StatusByCode& overrides) {
  if (const auto it = overrides.find(error.code); it != overrides.end()) return it->second;
  if (const auto it = built_in().find(error.code); it != built_in().end()) return it->second;
  switch (error.kind) {
    case ErrorClass::malformed:
      return error.field.empty() ? 400 : 422;
    case ErrorClass::unauthorized:
      return 401;
    case ErrorClass::refused:
      return 403;
    case ErrorClass::not_found:
      return 404;
    case ErrorClass::conflict:
      return 409;
    case ErrorClass::retry:
    case ErrorClass::unavailable:
      return 503;
  }
  return 500;
}

std::string problem_json(const Error& error, int status, std::string_view instance) {
  nlohmann::ordered_json body{{"type", "/problems/" + error.code},
                              {"title", reason_phrase(status)},
                              {"status", status},
                              {"detail", error.message},
                              {"code", error.code}};
  if (!error.field.empty()) body["field"] = error.field;
  body["instance"] = instance;
  // A field's name may be the client's own text.
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string_view reason_phrase(int status) {
  static const std::map<int, std::string_view> phrases{{200, "OK"},
                                                       {201, "Created"},
                                                       {202, "Accepted"},
                                                       {204, "No Content"},
                                                       {206, "Partial Content"},
                                                       {301, "Moved Permanently"},
                                                       {302, "Found"},
                                                       {303, "See Other"},
                                                       {304, "Not Modified"},
                                                       {307, "Temporary Redirect"},
                                                       {308, "Permanent Redirect"},
                                                       {400, "Bad Request"},
                                                       {401, "Unauthorized"},
                                                       {402, "Payment Required"},
                                                       {403, "Forbidden"},
                                                       {404, "Not Found"},
                                                       {405, "Method Not Allowed"},
                                                       {408, "Request Timeout"},
                                                       {409, "Conflict"},
                                                       {410, "Gone"},
                                                       {411, "Length Required"},
                                                       {412, "Precondition Failed"},
                                                       {413, "Content Too Large"},
                                                       {414, "URI Too Long"},
                                                       {415, "Unsupported Media Type"},
                                                       {416, "Range Not Satisfiable"},
                                                       {417, "Expectation Failed"},
                                                       {422, "Unprocessable Content"},
                                                       {426, "Upgrade Required"},
                                                       {428, "Precondition Required"},
                                                       {429, "Too Many Requests"},
                                                       {431, "Request Header Fields Too Large"},
                                                       {451, "Unavailable For Legal Reasons"},
                                                       {460, "Checksum Mismatch"},
                                                       {500, "Internal Server Error"},
                                                       {501, "Not Implemented"},
                                                       {503, "Service Unavailable"}};
  const auto it = phrases.find(status);
  return it == phrases.end() ? "Status" : it->second;
}

}  // namespace fl::http
