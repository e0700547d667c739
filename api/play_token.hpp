#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/secrets/keyring.hpp"

namespace fl::api {

/// The signed part of a media address: which post, for whom, until when. It grants nothing alone:
/// the caller must be the viewer it names, and the right is looked up again at each segment.
struct PlayToken {
  PostId post;
  AccountId viewer;  ///< zero: anybody, of a post that is free
  Instant expires;

  std::string sign(const secrets::Keyring& keyring) const;
  /// Nothing when it is malformed, forged, or signed with a key that is gone.
  static std::optional<PlayToken> verify(const secrets::Keyring& keyring, std::string_view text);
};

}  // namespace fl::api
