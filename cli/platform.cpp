#include "cli/platform.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

using nlohmann::json;

Failure unreadable(const std::string& what) {
  return fail(ErrorClass::unavailable, "answer_unreadable", "api",
              fmt::format("The platform's answer cannot be understood: {}.", what));
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
        c == '_' || c == '-') {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

ErrorClass class_of(int status) {
  switch (status) {
    case 401:
      return ErrorClass::unauthorized;
    case 404:
      return ErrorClass::not_found;
    case 409:
      return ErrorClass::conflict;
    default:
      // Whatever it does not like, the platform has refused it: ours was well formed.
      return status >= 500 ? ErrorClass::unavailable : ErrorClass::refused;
  }
}

std::string text_of(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// The refusal in a problem document (RFC 9457), or what little another answer tells.
Error problem_of(const HttpResponse& response) {
  Error error;
  error.kind = class_of(response.status);
  const auto document = json::parse(response.body, nullptr, false);
  if (document.is_object()) {
    error.code = text_of(document, "code");
    error.field = text_of(document, "field");
    error.message = text_of(document, "detail");
    if (error.message.empty()) error.message = text_of(document, "title");
  }
  if (error.code.empty()) error.code = fmt::format("http_{}", response.status);
  if (error.message.empty())
    error.message = fmt::format("The platform answers with status {}.", response.status);
  return error;
}

Result<json> object_in(const HttpResponse& response, int expected) {
  if (response.status != expected) {
    if (response.status >= 400) return fail(problem_of(response));
    return unreadable(fmt::format("status {} where {} is expected", response.status, expected));
  }
  auto document = json::parse(response.body, nullptr, false);
  if (!document.is_object()) return unreadable("it is not a JSON object");
  return document;
}

std::string bytes_of(const json& object, const char* name, std::size_t size) {
  auto bytes = from_hex(text_of(object, name)).value_or("");
  return bytes.size() == size ? bytes : std::string();
}

}  // namespace

Result<HttpResponse> Platform::send(const HttpRequest& request) {
  auto wait = retry_.first_pause;
  for (int attempt = 1;; ++attempt) {
    auto response = http_.send(request);
    const bool again = response ? response->status == 503 : true;
    if (!again || attempt >= retry_.attempts) return response;
    pause_(wait);
    wait *= 2;
  }
}

Result<PlatformHead> Platform::head() {
  auto response = send({"GET", "/v1/ledger/head", ""});
  if (!response) return fail(response.error());
  auto document = object_in(*response, 200);
  if (!document) return fail(document.error());
  PlatformHead head;
  head.ledger_id = bytes_of(*document, "ledger_id", 16);
  const auto anchor = document->find("anchor");
  if (anchor != document->end() && anchor->is_object()) {
    head.anchor_head = bytes_of(*anchor, "head", 32);
    const auto seq = anchor->find("seq");
    if (seq == anchor->end() || !seq->is_number_unsigned()) return unreadable("anchor.seq");
    head.anchor_seq = seq->get<std::uint64_t>();
  }
  if (head.ledger_id.empty()) return unreadable("ledger_id");
  if (head.anchor_head.empty()) return unreadable("anchor.head");
  const auto time = from_rfc3339(text_of(*document, "time"));
  if (!time) return unreadable("time");
  head.time = *time;
  const auto currencies = document->find("currencies");
  if (currencies == document->end() || !currencies->is_array()) return unreadable("currencies");
  for (const auto& each : *currencies) {
    if (!each.is_object()) return unreadable("currencies");
    const auto currency = Currency::parse(text_of(each, "code"));
    const auto decimals = each.find("decimals");
    if (!currency || decimals == each.end() || !decimals->is_number_unsigned() ||
        decimals->get<std::uint64_t>() > 18) {
      return unreadable("currencies");
    }
    head.decimals[*currency] = decimals->get<unsigned>();
  }
  return head;
}

Result<PlatformUser> Platform::user(const std::string& username) {
  auto response = send({"GET", "/v1/users/" + percent_encoded(username), ""});
  if (!response) return fail(response.error());
  auto document = object_in(*response, 200);
  if (!document) return fail(document.error());
  PlatformUser user;
  const auto id = AccountId::parse(text_of(*document, "id"));
  if (!id) return unreadable("id");
  user.id = *id;
  user.username = text_of(*document, "username");
  user.role = text_of(*document, "role");
  const auto verified = document->find("verified");
  user.verified = verified != document->end() && verified->is_boolean() && verified->get<bool>();
  return user;
}

Result<CommandReceipt> Platform::submit(const SignedCommand& command) {
  const json body = {{"key", command.key.str()},
                     {"command", to_base64(command.command)},
                     {"signature", to_base64(command.signature)}};
  auto response = send({"POST", "/v1/staff/commands", body.dump()});
  if (!response) return fail(response.error());
  // A repetition may be answered with 200: nothing new came about.
  auto document = object_in(*response, response->status == 200 ? 200 : 201);
  if (!document) return fail(document.error());
  const auto seq = document->find("event_seq");
  if (seq == document->end() || !seq->is_number_unsigned()) return unreadable("event_seq");
  CommandReceipt receipt;
  receipt.event_seq = seq->get<std::uint64_t>();
  receipt.position = text_of(*document, "position");
  const auto repeated = document->find("repeated");
  receipt.repeated = response->status == 200 || (repeated != document->end() &&
                                                 repeated->is_boolean() && repeated->get<bool>());
  return receipt;
}

}  // namespace fl::cli
