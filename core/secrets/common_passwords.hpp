#pragma once

#include <string_view>

namespace fl::secrets {

/// Whether this is one of the few hundred words and passwords that are tried first. In lower case.
bool in_common_passwords(std::string_view lower_case);

}  // namespace fl::secrets
