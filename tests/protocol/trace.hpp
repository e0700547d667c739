#pragma once

#include <string>

#include "tests/protocol/checker.hpp"

namespace fl::protocol {

/// "the design, 2 owners: 1,234 states, 33 deep, all of them"
std::string summary(const Setup& setup, const Exploration& found);

/// What led to the violation, a step a line.
std::string told(const Setup& setup, const Exploration& found);

}  // namespace fl::protocol
