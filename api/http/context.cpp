#include "api/http/context.hpp"

#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"

namespace fl::http {

RequestContext::RequestContext(const Request& request, Identity identity, PathParams params,
                               BlockingPool& pool)
    : request_(request), identity_(std::move(identity)), params_(std::move(params)), pool_(pool) {}
RequestContext::~RequestContext() = default;

const AccountId& RequestContext::account() const {
  FL_ASSERT(identity_.account.has_value());
  return *identity_.account;
}

std::string_view RequestContext::param(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  FL_ASSERT(!"a handler asks for a parameter that its route does not name");
  return {};
}

Failure RequestContext::no_such_id(std::string_view name) {
  return fail(ErrorClass::not_found, "not_found", std::string(name), "There is no such thing.");
}

Fields RequestContext::fields() const {
  return Fields::of_json(json());
}
const nlohmann::json& RequestContext::json() const {
  FL_ASSERT(json_ != nullptr);
  return *json_;
}
BodySource& RequestContext::body() {
  FL_ASSERT(body_ != nullptr);
  return *body_;
}
void RequestContext::set_json(nlohmann::json value) {
  json_ = std::make_unique<nlohmann::json>(std::move(value));
}

}  // namespace fl::http
