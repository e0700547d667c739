#pragma once

#include <optional>

#include "core/events/codec.hpp"
#include "projections/events_at.hpp"
#include "projections/read_models.hpp"
#include "projections/store.hpp"

namespace fl::workers {

/// What an event gives somebody to know: the activity event `Noticed`, filed under its recipient.
/// Its id derives from what happened, so the same is never told twice. Nothing for one's own acts,
/// for void events, and for what has been undone meanwhile. `view` has applied the event.
std::optional<pb::ActivityEvent> notice_of(const projections::LedgerEventAt& at,
                                           const projections::ReadModels& models,
                                           const projections::View& view);
std::optional<pb::ActivityEvent> notice_of(const projections::ActivityEventAt& at,
                                           const projections::ReadModels& models,
                                           const projections::View& view);

/// Whether a notice of this kind is also sent by mail. Likes are too many.
bool mailed(pb::NoticeKind kind);

}  // namespace fl::workers
