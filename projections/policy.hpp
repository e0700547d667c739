#pragma once

#include <optional>

#include "core/ledger/access.hpp"
#include "projections/read_models.hpp"

namespace fl::projections {

/// What the access policy needs to know, from the read models: the same facts that the fold of the
/// ledger would give (core/ledger/access.hpp).
ledger::AccessFacts access_facts(const ReadModels& models, const View& view,
                                 std::optional<AccountId> viewer, const PostRow& post, Instant now);

ledger::ChatFacts chat_facts(const ReadModels& models, const View& view, const AccountId& from,
                             const AccountId& to, Instant now);

}  // namespace fl::projections
