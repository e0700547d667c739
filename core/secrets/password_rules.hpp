#pragma once

#include <string_view>

#include "core/base/error.hpp"

namespace fl::secrets {

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordCharacters = 200;
inline constexpr std::size_t kMaxPasswordBytes = 4 * kMaxPasswordCharacters;

/// Whether a new password may be chosen by someone of this user name and e-mail (either may be
/// empty). All errors are malformed with the field `password`: `password_not_text` (not UTF-8),
/// `password_too_short`, `password_too_long`, `password_all_digits`, `password_too_common`,
/// `password_too_similar`.
Status check_new_password(std::string_view password, std::string_view username,
                          std::string_view email);

/// Whether it is among the usual ones, whatever its case and whatever digits and signs are tacked
/// on behind. `password` as typed.
bool is_common_password(std::string_view password);

}  // namespace fl::secrets
