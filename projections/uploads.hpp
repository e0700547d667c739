#pragma once

#include <optional>
#include <vector>

#include "core/activity/uploads.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct Upload {
  MediaId media;
  activity::UploadRow row;
};

/// Uploads. Starts have ids of their own and chunks must continue, so a repeated event is seen.
class Uploads : public Projection {
 public:
  Uploads() : Projection("uploads", 2) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  std::optional<activity::UploadRow> upload(const View& view, const MediaId& media) const;
  /// All chunks, in the order of their offsets: at most activity::kMaxUploadChunks.
  std::vector<activity::UploadChunkRow> chunks(const View& view, const MediaId& media) const;
  /// The chunk that begins at this byte, once the fold has taken it.
  std::optional<activity::UploadChunkRow> chunk_at(const View& view, const MediaId& media,
                                                   std::int64_t offset) const;
  /// Newest first.
  Result<Listing<Upload>> uploads_of(const View& view, const AccountId& owner,
                                     const Page& page) const;
  /// Neither ended nor complete.
  std::uint64_t open_count(const View& view, const AccountId& owner) const;
};

}  // namespace fl::projections
