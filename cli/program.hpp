#pragma once

#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace fl::cli {

/// The whole program: reads the arguments (without the program's name) and does what they ask.
ExitCode run(std::vector<std::string> arguments, Environment& env);

}  // namespace fl::cli
