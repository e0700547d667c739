#include "core/owner/fence.hpp"

namespace fl::owner {

Result<pb::LedgerRecord> make_fence(const events::ChainState& chain, const OwnerName& owner,
                                    const std::string& incarnation, std::uint64_t nonce,
                                    Instant now) {
  pb::LedgerRecord record;
  auto* fence = record.mutable_fence();
  fence->set_format(events::kFormat);
  fence->set_epoch(chain.epoch + 1);
  fence->set_incarnation(incarnation);
  fence->set_nonce(nonce);
  fence->set_owner_id(owner.id);
  fence->set_owner_url(owner.url);
  fence->set_time_ms(now.ms);
  if (pb::LedgerRecord again; !events::decode(events::encode(record), again)) {
    return fail(ErrorClass::malformed, "owner_malformed", "owner_url",
                "The owner's id and address are text in UTF-8.");
  }
  return record;
}

}  // namespace fl::owner
