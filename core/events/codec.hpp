#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/events/spelling.hpp"
#include "schemas/activity.pb.h"
#include "schemas/jobs.pb.h"
#include "schemas/ledger.pb.h"

namespace fl {
namespace pb = ::fanledger::v1;
}

namespace fl::events {

/// The format that this program writes, and the only one that it reads.
inline constexpr std::uint32_t kFormat = 1;

/// The rules under which this program decides (Batch.rules_version).
inline constexpr std::uint32_t kRulesVersion = 1;

/// One spelling: the same message always gives the same bytes.
std::string encode(const google::protobuf::MessageLite& message);

/// Strict: what does not parse, holds a field that this program does not know, or is spelled in
/// another way than `encode` spells it, is an error (`event_unreadable`). A reader that skipped an
/// unknown field would part ways with one that knows it.
Status decode(std::string_view bytes, google::protobuf::Message& message, const Spelling& spelling);

template <class Message>
Status decode(std::string_view bytes, Message& message) {
  return decode(bytes, message, spelling_of<Message>());
}

template <class Message>
Result<Message> decode(std::string_view bytes) {
  Message message;
  if (auto status = decode(bytes, message); !status) return fail(status.error());
  return message;
}

}  // namespace fl::events
