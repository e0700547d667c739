#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/http_client.hpp"

namespace fl::cli {

/// The client of the C++ REST SDK. Certificates are checked; redirects are not followed.
/// `base_url`: http or https. Error: malformed `api_url`.
Result<std::unique_ptr<HttpClient>> connect_by_cpprest(const std::string& base_url,
                                                       std::chrono::milliseconds timeout);

}  // namespace fl::cli
