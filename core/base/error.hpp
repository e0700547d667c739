#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace fl {

/// What a refusal means for the caller.
enum class ErrorClass {
  malformed,     ///< the request can never be right as it stands: mend it (400, 413, 415, 422)
  unauthorized,  ///< who are you? (401)
  refused,       ///< understood, and the rules say no (402, 403)
  not_found,     ///< no such thing, or none that you may know of (404)
  conflict,      ///< the state of things says no; it may say yes later (409)
  retry,         ///< the outcome is unknown or the time is wrong: same request, same key (503)
  unavailable,   ///< we cannot serve now (503), or storage failed
};

/// A refusal: `code` is stable and for programs (snake_case), `field` names the part of the request
/// at fault (empty when none), `message` is one English sentence for people.
struct Error {
  ErrorClass kind = ErrorClass::malformed;
  std::string code;
  std::string field;
  std::string message;

  bool operator==(const Error&) const = default;
};

const char* to_string(ErrorClass kind);

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;
using Failure = tl::unexpected<Error>;

/// `return fail(ErrorClass::malformed, "amount_not_positive", "amount", "…");` from any Result.
inline Failure fail(ErrorClass kind, std::string code, std::string field, std::string message) {
  return Failure(Error{kind, std::move(code), std::move(field), std::move(message)});
}
inline Failure fail(Error error) {
  return Failure(std::move(error));
}

}  // namespace fl
