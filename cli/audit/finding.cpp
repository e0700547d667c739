#include "cli/audit/finding.hpp"

#include <fmt/format.h>

namespace fl::cli {

const char* to_string(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::error:
      return "error";
    case Finding::Severity::warning:
      return "warning";
  }
  return "?";
}

std::string place_of(const Finding& finding) {
  auto place = finding.stream;
  if (finding.offset) place += fmt::format("/{}@{}", finding.partition, *finding.offset);
  if (finding.event_seq) place += fmt::format(" event {}", *finding.event_seq);
  return place;
}

void Findings::add(Finding finding) {
  ++count_;
  if (kept_.size() < kKept) kept_.push_back(std::move(finding));
}

void Findings::add_all(const Findings& others) {
  for (const auto& finding : others.kept_) add(finding);
  count_ += others.count_ - others.kept_.size();
}

}  // namespace fl::cli
