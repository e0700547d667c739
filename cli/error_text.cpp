#include "cli/error_text.hpp"

#include <ostream>

namespace fl::cli {

std::string error_text(const Error& error) {
  std::string text = error.field.empty() ? "" : error.field + ": ";
  text += error.message.empty() ? "Refused without a reason." : error.message;
  if (!error.code.empty()) text += " (" + error.code + ")";
  // What others wrote must not steer the terminal or break the line.
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

ExitCode report(const Error& error, std::ostream& err) {
  err << "fanledger: " << error_text(error) << "\n";
  switch (error.kind) {
    case ErrorClass::malformed:
      return ExitCode::usage;
    case ErrorClass::unauthorized:
    case ErrorClass::refused:
    case ErrorClass::not_found:
    case ErrorClass::conflict:
      return ExitCode::refused;
    case ErrorClass::retry:
    case ErrorClass::unavailable:
      return ExitCode::unreachable;
  }
  return ExitCode::unreachable;
}

ExitCode report_unreadable(const Error& error, std::ostream& err) {
  auto told = error;
  if (error.code == "file_exists")
    told = {ErrorClass::malformed, error.code, "FILE", error.message};
  else if (!error.code.starts_with("bad_kafka"))
    told.kind = ErrorClass::unavailable;
  return report(told, err);
}

}  // namespace fl::cli
