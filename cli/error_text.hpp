#pragma once

#include <iosfwd>
#include <string>

#include "cli/exit_code.hpp"
#include "core/base/error.hpp"

namespace fl::cli {

/// One clear sentence: what is wrong, of which field, by which rule.
/// "AMOUNT: A payment is at least 1.00 USD. (amount_too_small)"
std::string error_text(const Error& error);

/// Prints it to `err` and gives the program's end for it: `malformed` is usage; what the platform
/// refused is `refused`; what could not be reached or read is `unreachable`.
ExitCode report(const Error& error, std::ostream& err);
/// The same of a log or file: whatever keeps it from being read, it is not usage, but where a
/// setting or a new file's name is wrong.
ExitCode report_unreadable(const Error& error, std::ostream& err);

}  // namespace fl::cli
