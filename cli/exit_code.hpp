#pragma once

namespace fl::cli {

/// What the program says to the shell. Documented in every --help; never renumbered.
enum class ExitCode : int {
  ok = 0,
  refused = 1,      ///< by the platform, or an audit with findings
  usage = 2,        ///< the command line or an argument is wrong
  unreachable = 3,  ///< the platform cannot be reached, or a file or log cannot be read
};

inline constexpr const char* kExitCodesHelp =
    "Exit codes: 0 done; 1 refused by the platform, or the audit has findings; 2 the command line "
    "is wrong; 3 the platform cannot be reached, or a file cannot be read.";

}  // namespace fl::cli
