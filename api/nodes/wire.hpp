#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/owner/command_gate.hpp"
#include "schemas/node.pb.h"

/// Between what a gate takes and gives and the messages of a link (schemas/node.proto).
namespace fl::nodes {

inline constexpr std::uint32_t kLinkVersion = 1;

pb::NodeError to_wire(const Error& error);
/// A kind that is not known means that the peer cannot serve us.
Error from_wire(const pb::NodeError& error);

pb::NodeReply reply_of(std::uint64_t id, const owner::Outcome& outcome);
/// Of a reply that is `accepted` or `error`. Unavailable `event_unreadable` when it holds an event
/// that this program does not know.
Result<owner::Outcome> outcome_of(const pb::NodeReply& reply);

pb::NodeHead to_wire(const owner::LedgerHead& head, const Status& health);

}  // namespace fl::nodes
