#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"
#include "core/base/sha256.hpp"

namespace fl::activity {

inline constexpr std::uint32_t kMaxUploadChunks = 65'536;

/// The head of an upload. Its chunks are rows of their own: one append writes one small row.
struct UploadRow {
  AccountId owner;
  std::int64_t size = 0;      ///< declared, bytes
  std::int64_t received = 0;  ///< bytes, without a gap from 0
  std::uint32_t chunks = 0;
  std::string file_name;  ///< an encoded Sealed
  std::int64_t started_ms = 0;
  std::int64_t changed_ms = 0;
  pb::UploadEnd end = pb::UPLOAD_END_UNSPECIFIED;  ///< unspecified: not ended
  std::string code;                                ///< why it was refused
  std::string detail;

  bool ended() const { return end != pb::UPLOAD_END_UNSPECIFIED; }
  bool complete() const { return received == size; }
  bool open() const { return !ended() && !complete(); }  ///< takes more chunks
  bool operator==(const UploadRow&) const = default;
};

struct UploadChunkRow {
  std::int64_t offset = 0;  ///< bytes
  std::int64_t size = 0;
  Digest blob;
  bool operator==(const UploadChunkRow&) const = default;
};

std::string encode(const UploadRow& row);
std::optional<UploadRow> decode_upload(std::string_view bytes);
std::string encode(const UploadChunkRow& row);
std::optional<UploadChunkRow> decode_upload_chunk(std::string_view bytes);

/// Each changes the row only when it says `applied`. Its owner cancels an upload while bytes are
/// missing; the platform may refuse it at any time before its end.
Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadStarted& body);
Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadChunk& body);
Verdict fold(std::optional<UploadRow>& row, const Act& act, const pb::UploadEnded& body);

}  // namespace fl::activity
