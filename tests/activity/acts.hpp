#pragma once

#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::tests {

/// An id from a name: the same name, the same id.
template <class IdType>
IdType named(std::string_view name) {
  return derive_id<IdType>("test", "", name);
}
inline AccountId account(std::string_view name) {
  return named<AccountId>(name);
}

/// An act at an offset, by somebody; an empty name is the platform.
inline activity::Act act(std::uint64_t offset, std::string_view actor) {
  activity::Act out;
  out.id = named<EventId>("event " + std::to_string(offset));
  if (!actor.empty()) out.actor = account(actor);
  out.time_ms = 1000 + static_cast<std::int64_t>(offset);
  out.partition = 2;
  out.offset = offset;
  return out;
}

inline pb::Sealed sealed(std::string_view text) {
  pb::Sealed out;
  out.set_ciphertext(std::string(text));
  return out;
}

}  // namespace fl::tests
