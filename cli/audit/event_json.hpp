#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>

namespace fl::cli {

/// A message for people: ids in their text form, times as RFC 3339, enumerations by name, other
/// bytes in hex, a signed command opened. Sealed texts are shown as such: whose key, how many
/// bytes. Fields that hold their default are left out.
nlohmann::ordered_json message_json(const google::protobuf::Message& message);

}  // namespace fl::cli
