#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace fl::cli {

inline constexpr int kAuthorityDays = 3'653;  // ten years
inline constexpr int kMaxCertificateDays = kAuthorityDays;

/// A certificate that was made.
struct Issued {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::string fingerprint;  ///< SHA-256 in hex
  Instant expires;
};

/// The private authority of one deployment: `ca.pem`, and `ca.key`, which only its owner may read.
/// Makes the folder where there is none. Errors: malformed `file_exists`; unavailable
/// `file_unwritable`, `certificate_failed`.
Result<Issued> create_authority(const std::filesystem::path& directory, Instant now);

struct CertificateOrder {
  std::vector<std::string> hosts;  ///< names and addresses by which others reach the node
  int days = 825;
};

/// A certificate of one node, to call others and to be called: `node.pem`, `node.key` and a copy of
/// `ca.pem` in `directory`. It ends no later than the authority. Errors besides: malformed
/// `host_missing`, `host_malformed`, `days_out_of_range`; unavailable `authority_unusable` (not
/// readable, exposed, expired, or key and certificate of two authorities).
Result<Issued> issue_certificate(const std::filesystem::path& authority,
                                 const CertificateOrder& order,
                                 const std::filesystem::path& directory, Instant now);

}  // namespace fl::cli
