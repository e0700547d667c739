#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"

namespace fl::http {

enum class Method { get, head, post, put, patch, delete_, options };

std::string_view to_string(Method method);
std::optional<Method> parse_method(std::string_view text);  ///< exact, upper case

/// Field names compare without case. Order and repetition are kept.
class Headers {
 public:
  void add(std::string name, std::string value);
  /// The value of the first field of that name, empty when there is none.
  std::string_view get(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool same_name(std::string_view a, std::string_view b);  ///< ASCII, without case

using QueryParams = std::vector<std::pair<std::string, std::string>>;

/// A request's head, checked and decoded. It lives as long as its handler runs.
struct Request {
  Method method = Method::get;
  std::string target;                 ///< as sent: may hold what must not be logged
  std::vector<std::string> segments;  ///< of the path, percent-decoded: "/v1/a%20b" → v1, "a b"
  QueryParams query;                  ///< percent-decoded, in order
  Headers headers;
  std::string id;                               ///< of this request, in the answer and in the log
  std::string peer;                             ///< the other side's address, without port
  std::optional<std::uint64_t> content_length;  ///< nothing when chunked
  bool has_body = false;
  /// The body: of a `Body::json` route once read, and before the authenticator only for
  /// Access::staff_signature and Access::node, whose signatures cover it.
  std::string body;

  /// The credentials of an `Authorization: Bearer …`, empty when there are none.
  std::string_view bearer_token() const;
};

/// Who may call a route. The application's Authenticator finds out who calls; the edge refuses who
/// is not let in here, and no handler asks again.
enum class Access {
  anyone,            ///< the authenticator is not asked
  optional_account,  ///< known if credentials are sent; wrong credentials are still refused
  account,           ///< Identity::account is guaranteed to be set
  creator,           ///< likewise, and it is a creator's: Identity::creator
  auditor,           ///< an auditor's token
  staff_signature,   ///< a staff key's signature over method, target and body
  node,              ///< another node of this ledger
};
std::string_view to_string(Access access);

/// What the authenticator found out.
struct Identity {
  std::optional<AccountId> account;
  bool creator = false;  ///< the account is a creator's; asked for with Access::creator alone
  std::optional<KeyId> staff_key;
  std::string session;              ///< digest of the session's token, never the token
  std::vector<std::string> scopes;  ///< of an API token; empty for a session
};

}  // namespace fl::http
