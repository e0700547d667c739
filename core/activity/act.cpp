#include "core/activity/act.hpp"

#include "core/base/assert.hpp"
#include "core/base/sha256.hpp"

namespace fl::activity {
namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kIdBytes = 16;

bool is_id(std::string_view raw) {
  return raw.size() == kIdBytes;
}
bool is_id_or_empty(std::string_view raw) {
  return raw.empty() || is_id(raw);
}

bool is_mac_or_empty(std::string_view raw) {
  return raw.empty() || raw.size() == Digest{}.bytes.size();
}

/// Enumerations are open on the wire: a value of a newer version is kept, and would be folded.
bool known_values(const pb::ActivityEvent& event) {
  switch (event.body_case()) {
    case pb::ActivityEvent::kUploadEnded:
      return pb::UploadEnd_IsValid(event.upload_ended().end());
    case pb::ActivityEvent::kJobEnded:
      return pb::JobOutcome_IsValid(event.job_ended().outcome());
    case pb::ActivityEvent::kNoticed:
      return pb::NoticeKind_IsValid(event.noticed().kind());
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked:
    case pb::ActivityEvent::kCommented:
    case pb::ActivityEvent::kCommentDeleted:
    case pb::ActivityEvent::kMessageSent:
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kNoticesRead:
      return true;
    case pb::ActivityEvent::BODY_NOT_SET:
      return false;
  }
  return false;
}

/// The ids in the body that are not the subject.
bool body_ids_well_formed(const pb::ActivityEvent& event) {
  switch (event.body_case()) {
    case pb::ActivityEvent::kCommented:
      return is_id(event.commented().comment());
    case pb::ActivityEvent::kCommentDeleted:
      return is_id(event.comment_deleted().comment());
    case pb::ActivityEvent::kMessageSent:
      return is_id(event.message_sent().message()) && is_id(event.message_sent().to());
    case pb::ActivityEvent::kUploadChunk:
      return event.upload_chunk().blob().size() == Digest{}.bytes.size();
    case pb::ActivityEvent::kNoticed:
      return is_id(event.noticed().notice()) && is_id_or_empty(event.noticed().by()) &&
             is_id_or_empty(event.noticed().subject());
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked:
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticesRead:
      return true;
    case pb::ActivityEvent::BODY_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::applied:
      return "applied";
    case Verdict::malformed:
      return "malformed";
    case Verdict::repeated:
      return "repeated";
    case Verdict::unknown:
      return "unknown";
    case Verdict::foreign:
      return "foreign";
    case Verdict::misplaced:
      return "misplaced";
    case Verdict::ended:
      return "ended";
    case Verdict::stale:
      return "stale";
  }
  return "?";
}

Act act_of(const pb::ActivityEvent& event, std::uint32_t partition, std::uint64_t offset) {
  return {EventId::from_raw(event.id()),
          AccountId::from_raw(event.actor()),
          event.time_ms(),
          partition,
          offset,
          event.command_mac()};
}

Result<pb::ActivityEvent> decode(std::string_view stored) {
  pb::ActivityEvent event;
  if (!event.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
    return fail(ErrorClass::unavailable, "activity_unparsable", "",
                "An activity record does not parse.");
  }
  // What this version does not know, at any depth, is dropped and then missed in the length.
  event.DiscardUnknownFields();
  if (event.ByteSizeLong() != stored.size() || event.format() != kFormat || !known_values(event)) {
    return fail(ErrorClass::unavailable, "activity_unknown", "",
                "An activity record holds what this version does not know.");
  }
  return event;
}

std::string_view subject_of(const pb::ActivityEvent& event) {
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
      return event.liked().post();
    case pb::ActivityEvent::kUnliked:
      return event.unliked().post();
    case pb::ActivityEvent::kCommented:
      return event.commented().post();
    case pb::ActivityEvent::kCommentDeleted:
      return event.comment_deleted().post();
    case pb::ActivityEvent::kMessageSent:
      return event.message_sent().conversation();
    case pb::ActivityEvent::kUploadStarted:
      return event.upload_started().media();
    case pb::ActivityEvent::kUploadChunk:
      return event.upload_chunk().media();
    case pb::ActivityEvent::kUploadEnded:
      return event.upload_ended().media();
    case pb::ActivityEvent::kJobClaimed:
      return event.job_claimed().job();
    case pb::ActivityEvent::kJobEnded:
      return event.job_ended().job();
    case pb::ActivityEvent::kNoticesRead:
      return event.actor();
    case pb::ActivityEvent::kNoticed:
    case pb::ActivityEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

bool well_formed(const pb::ActivityEvent& event) {
  const bool filed =
      event.body_case() == pb::ActivityEvent::kNoticed || event.about() == subject_of(event);
  return is_id(event.id()) && is_id_or_empty(event.actor()) && is_id(event.about()) &&
         is_mac_or_empty(event.command_mac()) && filed && body_ids_well_formed(event);
}

std::uint32_t partition_of(std::string_view about, std::uint32_t partitions) {
  FL_ASSERT(partitions > 0);
  const Digest digest = sha256({"fanledger-partition", std::string_view("\0", 1), about});
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | digest.bytes[i];
  return value % partitions;
}

}  // namespace fl::activity
