#include "core/base/error.hpp"

namespace fl {

const char* to_string(ErrorClass kind) {
  switch (kind) {
    case ErrorClass::malformed:
      return "malformed";
    case ErrorClass::unauthorized:
      return "unauthorized";
    case ErrorClass::refused:
      return "refused";
    case ErrorClass::not_found:
      return "not_found";
    case ErrorClass::conflict:
      return "conflict";
    case ErrorClass::retry:
      return "retry";
    case ErrorClass::unavailable:
      return "unavailable";
  }
  return "?";
}

}  // namespace fl
