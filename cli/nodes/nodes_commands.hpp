#pragma once

#include "cli/command_line.hpp"

namespace fl::cli {

/// `nodes ca` and `nodes cert`: the certificates by which nodes know one another.
void add_nodes_commands(CLI::App& admin, Environment& env, Action& chosen);

}  // namespace fl::cli
