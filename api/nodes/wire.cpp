#include "api/nodes/wire.hpp"

#include <array>
#include <utility>

#include "core/events/codec.hpp"

namespace fl::nodes {
namespace {

constexpr std::array<std::pair<ErrorClass, pb::NodeErrorKind>, 7> kKinds{{
    {ErrorClass::malformed, pb::NODE_ERROR_KIND_MALFORMED},
    {ErrorClass::unauthorized, pb::NODE_ERROR_KIND_UNAUTHORIZED},
    {ErrorClass::refused, pb::NODE_ERROR_KIND_REFUSED},
    {ErrorClass::not_found, pb::NODE_ERROR_KIND_NOT_FOUND},
    {ErrorClass::conflict, pb::NODE_ERROR_KIND_CONFLICT},
    {ErrorClass::retry, pb::NODE_ERROR_KIND_RETRY},
    {ErrorClass::unavailable, pb::NODE_ERROR_KIND_UNAVAILABLE},
}};

}  // namespace

pb::NodeError to_wire(const Error& error) {
  pb::NodeError out;
  for (const auto& [kind, wire] : kKinds) {
    if (kind == error.kind) out.set_kind(wire);
  }
  out.set_code(error.code);
  out.set_field(error.field);
  out.set_message(error.message);
  return out;
}

Error from_wire(const pb::NodeError& error) {
  Error out{ErrorClass::unavailable, error.code(), error.field(), error.message()};
  for (const auto& [kind, wire] : kKinds) {
    if (wire == error.kind()) out.kind = kind;
  }
  return out;
}

pb::NodeReply reply_of(std::uint64_t id, const owner::Outcome& outcome) {
  pb::NodeReply reply;
  reply.set_id(id);
  if (!outcome) {
    *reply.mutable_error() = to_wire(outcome.error());
    return reply;
  }
  auto& accepted = *reply.mutable_accepted();
  accepted.set_event(events::encode(outcome->event));
  accepted.set_seq(outcome->place.seq);
  accepted.set_offset(outcome->place.offset);
  accepted.set_index(outcome->place.index);
  accepted.set_time_ms(outcome->place.time.ms);
  accepted.set_repeated(outcome->repeated);
  return reply;
}

Result<owner::Outcome> outcome_of(const pb::NodeReply& reply) {
  if (reply.has_error()) return owner::Outcome(fail(from_wire(reply.error())));
  const auto& accepted = reply.accepted();
  auto event = events::decode<pb::LedgerEvent>(accepted.event());
  if (!event) return fail(event.error());
  return owner::Outcome(owner::Accepted{
      std::move(*event),
      {accepted.seq(), accepted.offset(), accepted.index(), Instant{accepted.time_ms()}},
      accepted.repeated()});
}

pb::NodeHead to_wire(const owner::LedgerHead& head, const Status& health) {
  pb::NodeHead out;
  out.set_ledger_id(head.ledger_id);
  out.set_anchor_seq(head.anchor.event_seq);
  out.set_anchor_head(head.anchor.head.str());
  out.set_anchor_time_ms(head.anchor.time.ms);
  out.set_next_offset(head.next_offset);
  out.set_next_event_seq(head.next_event_seq);
  out.set_head(head.head.str());
  out.set_time_ms(head.time.ms);
  if (!health) *out.mutable_health() = to_wire(health.error());
  return out;
}

}  // namespace fl::nodes
