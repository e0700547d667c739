#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/sha256.hpp"

namespace fl {

/// 128 bits. Tagged, so that a post's id cannot stand where an account's is wanted.
/// The text form is the tag's prefix, an underscore, and 26 characters of Crockford's base 32 in
/// lower case: `post_0a1b…`. One spelling a value.
template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Id&) const = default;
  bool is_zero() const { return *this == Id{}; }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string raw() const { return std::string(view()); }
  std::string str() const;

  static Id from_raw(std::string_view raw) {  ///< zero unless exactly 16 bytes
    Id id;
    if (raw.size() == 16) std::memcpy(id.bytes.data(), raw.data(), 16);
    return id;
  }
  static Id from_digest(const Digest& digest) { return from_raw(digest.view().substr(0, 16)); }
  static std::optional<Id> parse(std::string_view text);
};

struct AccountTag {
  static constexpr std::string_view prefix = "acc";
};
struct PostTag {
  static constexpr std::string_view prefix = "post";
};
struct MediaTag {
  static constexpr std::string_view prefix = "med";
};
struct KeyTag {
  static constexpr std::string_view prefix = "key";
};
struct EntryTag {
  static constexpr std::string_view prefix = "ent";
};
struct CommentTag {
  static constexpr std::string_view prefix = "com";
};
struct MessageTag {
  static constexpr std::string_view prefix = "msg";
};
struct ConversationTag {
  static constexpr std::string_view prefix = "conv";
};
struct NoticeTag {
  static constexpr std::string_view prefix = "note";
};
struct JobTag {
  static constexpr std::string_view prefix = "job";
};
struct EventTag {
  static constexpr std::string_view prefix = "evt";
};

using AccountId = Id<AccountTag>;  ///< a person's account (fan or creator)
using PostId = Id<PostTag>;
using MediaId = Id<MediaTag>;  ///< an upload, and the media that it becomes
using KeyId = Id<KeyTag>;      ///< a staff signing key
using EntryId = Id<EntryTag>;  ///< a purchase, subscription, tip or deposit
using CommentId = Id<CommentTag>;
using MessageId = Id<MessageTag>;
using ConversationId = Id<ConversationTag>;  ///< of two accounts, either order
using NoticeId = Id<NoticeTag>;
using JobId = Id<JobTag>;
using EventId = Id<EventTag>;  ///< of an activity event

std::string id_to_text(std::string_view prefix, const std::array<std::uint8_t, 16>& bytes);
bool id_from_text(std::string_view prefix, std::string_view text,
                  std::array<std::uint8_t, 16>& bytes);

template <class Tag>
std::string Id<Tag>::str() const {
  return id_to_text(Tag::prefix, bytes);
}
template <class Tag>
std::optional<Id<Tag>> Id<Tag>::parse(std::string_view text) {
  Id id;
  if (!id_from_text(Tag::prefix, text, id.bytes)) return std::nullopt;
  return id;
}

struct IdHash {
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const {
    std::size_t value;  // ids are digests: any eight bytes of them are well spread
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};

/// The id of what a command makes: the same command gives the same id, on any node, at any time.
template <class IdType>
IdType derive_id(std::string_view kind, std::string_view scope, std::string_view name) {
  const std::string_view zero("\0", 1);
  return IdType::from_digest(sha256({"fanledger-id", zero, kind, zero, scope, zero, name}));
}

/// The conversation of two accounts, the same whoever asks.
ConversationId conversation_of(const AccountId& a, const AccountId& b);

}  // namespace fl
