#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/awaitable.hpp"
#include "api/http/blocking_pool.hpp"
#include "api/http/body_source.hpp"
#include "api/http/fields.hpp"
#include "api/http/request.hpp"

namespace fl::http {

using PathParams = std::vector<std::pair<std::string, std::string>>;

/// What a handler gets. It lives until the handler's coroutine ends.
class RequestContext {
 public:
  RequestContext(const Request& request, Identity identity, PathParams params, BlockingPool& pool);
  ~RequestContext();
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

  const Request& request() const { return request_; }
  const Identity& identity() const { return identity_; }
  /// The caller, on a route with Access::account or Access::creator.
  const AccountId& account() const;

  /// A parameter that the route's path names; never empty.
  std::string_view param(std::string_view name) const;
  /// The same as an id. What is no id names nothing: not_found.
  template <class IdType>
  Result<IdType> id_param(std::string_view name) const {
    const auto id = IdType::parse(param(name));
    if (!id) return no_such_id(name);
    return *id;
  }

  Fields query() const { return Fields::of_query(request_.query); }
  Fields fields() const;               ///< of the JSON body of a Body::json route
  const nlohmann::json& json() const;  ///< the same, whole
  BodySource& body();                  ///< of a Body::streamed route

  BlockingPool& pool() { return pool_; }
  template <class F>
  auto on_blocking_pool(F work) {
    return pool_.run(std::move(work));
  }

  /// By the edge, before the handler.
  void set_json(nlohmann::json value);
  void set_body(BodySource& body) { body_ = &body; }

 private:
  static Failure no_such_id(std::string_view name);

  const Request& request_;
  Identity identity_;
  PathParams params_;
  BlockingPool& pool_;
  std::unique_ptr<nlohmann::json> json_;
  BodySource* body_ = nullptr;
};

}  // namespace fl::http
