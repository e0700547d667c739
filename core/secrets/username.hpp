#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"

namespace fl::secrets {

/// 3 to 30 letters, digits, `_` and `.`, ASCII, beginning with a letter; no dot at the end and no
/// two together; not a reserved name; not the look of an account's id. The case is kept, and does
/// not tell two names apart. Errors: malformed `username_too_short`, `username_too_long`,
/// `username_invalid`; refused `username_reserved`; all in the field `username`.
Status check_username(std::string_view username);

/// The spelling under which names are compared.
std::string fold_username(std::string_view username);

/// A name for who gave none: the same for the same account. Should it be taken, try the next
/// `attempt`.
std::string generate_username(const AccountId& account, unsigned attempt = 0);

}  // namespace fl::secrets
