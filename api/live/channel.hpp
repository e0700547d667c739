#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"

namespace fl::api {

/// What one may listen to: all events of the activity stream about one thing.
struct Channel {
  enum class Kind { post, conversation, notices };
  Kind kind = Kind::post;
  std::string about;  ///< 16 bytes: post, conversation or account
  std::string name;   ///< as the client wrote it: "post:post_…", "conversation:bob", "notices"
};

}  // namespace fl::api
