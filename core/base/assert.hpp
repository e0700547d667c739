#pragma once

/// Always-on assertion for what cannot happen. Never for user input: that is a Result.
/// A failed assertion stops the process before it can write anything wrong.
#define FL_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::fl::assertion_failed(#condition, __FILE__, __LINE__))

namespace fl {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace fl
