#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/audit/verify.hpp"

namespace fl::cli {

/// How and where the audit was made.
struct AuditFrame {
  std::string source;  ///< the file or directory
  Instant started;
  double seconds = 0;
};

/// For people.
void print_report(const AuditReport& report, const AuditFrame& frame, std::ostream& out);
/// For programs; its shape is described in cli/audit/README.md.
nlohmann::ordered_json report_json(const AuditReport& report, const AuditFrame& frame);

}  // namespace fl::cli
