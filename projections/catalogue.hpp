#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/sha256.hpp"
#include "core/base/time.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct PostRow {
  PostId id;
  AccountId author;
  MediaId media;
  bool premium = false;
  Money price;          ///< of a premium post
  std::string caption;  ///< an encoded Sealed, or empty
  Instant published;
  std::uint64_t event_seq = 0;
  bool deleted = false;
  std::uint64_t deleted_seq = 0;
};

struct MediaRow {
  MediaId id;
  AccountId owner;
  bool video = false;  ///< else a photo
  Digest manifest;
  Instant registered;
  std::uint64_t event_seq = 0;
};

/// Posts and media.
class Catalogue : public Projection {
 public:
  Catalogue() : Projection("catalogue", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override;

  /// Also when deleted: its buyers keep it.
  std::optional<PostRow> post(const View& view, const PostId& id) const;
  std::optional<MediaRow> media(const View& view, const MediaId& id) const;
  /// Newest first, without the deleted.
  Result<Listing<PostRow>> posts_of(const View& view, const AccountId& author,
                                    const Page& page) const;
  /// Newest first, with the deleted: whoever may see one of them may see the media.
  Result<Listing<PostRow>> posts_with(const View& view, const MediaId& media,
                                      const Page& page) const;
  /// Newest first.
  Result<Listing<MediaRow>> media_of(const View& view, const AccountId& owner,
                                     const Page& page) const;
};

}  // namespace fl::projections
