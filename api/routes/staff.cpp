#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/base/encoding.hpp"
#include "core/owner/command_gate.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

awaitable<Result<Response>> show_head(RequestContext&, Platform& platform) {
  const auto head = platform.gate.head();
  auto currencies = json::array();
  for (const auto& spec : platform.gate.genesis().currencies()) {
    currencies.push_back({{"code", spec.code()}, {"decimals", spec.decimals()}});
  }
  co_return Response::json(
      {{"ledger_id", to_hex(head.ledger_id)},
       {"anchor", {{"seq", head.anchor.event_seq}, {"head", to_hex(head.anchor.head.view())}}},
       {"head", to_hex(head.head.view())},
       {"next_offset", head.next_offset},
       {"next_event_seq", head.next_event_seq},
       {"time", to_rfc3339(platform.clock.now())},
       {"currencies", currencies}});
}

awaitable<Result<Response>> staff_command(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto key = fields.required_id<KeyId>("key");
  const auto command_text = fields.required_string("command", 1, 8192);
  const auto signature_text = fields.required_string("signature", 1, 128);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  const auto bytes = from_base64(command_text);
  const auto signature = from_base64(signature_text);
  const auto bad = [](const char* field, const char* why) {
    return fail(ErrorClass::malformed, "field_bad_value", field, why);
  };
  if (!bytes) co_return bad("command", "The command is not base64.");
  if (!signature) co_return bad("signature", "The signature is not base64.");
  auto command = events::decode<pb::StaffCommand>(*bytes);
  if (!command) co_return bad("command", "The command is not an encoded StaffCommand.");

  pb::LedgerEvent draft;
  auto* origin = draft.mutable_origin();
  origin->set_caller_kind(pb::CALLER_KIND_STAFF);
  origin->set_caller(key.raw());
  origin->set_command_id(command->command_id());
  // What is asked, without the anchor and the expiry: signed anew, it is still the same command.
  auto asked = *command;
  asked.clear_anchor_seq();
  asked.clear_anchor_head();
  asked.clear_expires_ms();
  origin->set_command_mac(request_mac(platform, "staff", key.view(), events::encode(asked)).str());
  auto* proof = origin->mutable_staff();
  proof->set_key(key.raw());
  proof->set_command(*bytes);
  proof->set_signature(*signature);
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  co_return written(*outcome, {{"event_seq", outcome->place.seq},
                               {"command_id", outcome->event.origin().command_id()}});
}

}  // namespace

void add_staff_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {get, "/v1/ledger/head", http::Access::anyone, http::Body::none,
             "Where the ledger stands, and the anchor that staff sign over"},
            [&platform](RequestContext& context) { return show_head(context, platform); });
  add_route(router, platform,
            {post, "/v1/staff/commands", http::Access::staff_signature, http::Body::json,
             "Carry out a signed staff command; its signature is its authority"},
            [&platform](RequestContext& context) { return staff_command(context, platform); });
}

}  // namespace fl::api
