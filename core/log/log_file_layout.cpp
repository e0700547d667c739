#include "core/log/log_file_layout.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/encoding.hpp"
#include "core/log/crc32c.hpp"

namespace fl::log::file_layout {

namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::size_t kEntryFixedBytes = 1 + 4 + 8 + 4;  // stream, partition, offset, key's size
constexpr std::size_t kPlaceBytes = 1 + 4 + 8 + 8;

}  // namespace

std::string encode_header(const LogFileHeader& header) {
  std::string out(kMagic);
  put_u16(out, kVersion);
  put_bytes(out, header.ledger_id);
  put_i64(out, header.created.ms);
  put_u8(out, static_cast<std::uint8_t>(header.streams.size()));
  for (const auto& config : header.streams) {
    put_u8(out, static_cast<std::uint8_t>(config.stream));
    put_u8(out, config.compacted ? 1 : 0);
    put_u32(out, config.partitions);
  }
  put_u32(out, crc32c(out));
  return out;
}

bool is_valid(const LogFileHeader& header) {
  if (header.ledger_id.size() > kMaxLedgerId) return false;
  if (header.streams.empty() || header.streams.size() > kStreams) return false;
  for (std::size_t i = 0; i < header.streams.size(); ++i) {
    const auto& config = header.streams[i];
    if (static_cast<std::size_t>(config.stream) >= kStreams) return false;
    if (config.partitions == 0 || config.partitions > kMaxPartitions) return false;
    if (i > 0 && header.streams[i - 1].stream >= config.stream) return false;
  }
  return true;
}

std::string encode_entry_head(Stream stream, PartitionIndex partition, const Record& record) {
  std::string out;
  put_u8(out, kRecordTag);
  put_u8(out, static_cast<std::uint8_t>(stream));
  put_u32(out, partition);
  put_u64(out, record.offset);
  put_bytes(out, record.key);
  put_u32(out, static_cast<std::uint32_t>(record.value.size()));
  return out;
}

std::string encode_entry_crc(std::string_view head, std::string_view value) {
  std::string out;
  put_u32(out, crc32c(value, crc32c(head)));
  return out;
}

std::string encode_trailer(const std::vector<LogFileTrailer::Place>& places) {
  std::string out;
  put_u8(out, kTrailerTag);
  put_u32(out, static_cast<std::uint32_t>(places.size()));
  for (const auto& place : places) {
    put_u8(out, static_cast<std::uint8_t>(place.stream));
    put_u32(out, place.partition);
    put_u64(out, place.records);
    put_u64(out, place.end);
  }
  return out;
}

std::vector<LogFileTrailer::Place> places_of(const LogFileHeader& header) {
  std::vector<LogFileTrailer::Place> out;
  for (const auto& config : header.streams)
    for (PartitionIndex p = 0; p < config.partitions; ++p) out.push_back({config.stream, p, 0, 0});
  return out;
}

bool count(LogFileTrailer::Place& place, bool compacted, Offset offset) {
  if (compacted ? offset < place.end : offset != place.end) return false;
  if (offset == ~Offset{0}) return false;
  ++place.records;
  place.end = offset + 1;
  return true;
}

Failure broken(std::uint64_t byte, std::string_view what) {
  return fail(ErrorClass::unavailable, kLogDamaged, "",
              fmt::format("The export file is damaged at byte {}: {}.", byte, what));
}

bool Cursor::fill() {
  buffer_.erase(0, used_);
  used_ = 0;
  const auto before = buffer_.size();
  buffer_.resize(before + kBufferBytes);
  const auto got =
      pread(fd_, buffer_.data() + before, kBufferBytes, static_cast<off_t>(at_ + before));
  failed_ = got < 0;
  buffer_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  return got > 0;
}

Result<std::string> Cursor::take(std::size_t size) {
  while (buffer_.size() - used_ < size) {
    if (!fill())
      return broken(at_, failed_ ? "it cannot be read" : "it ends in the middle of an entry");
  }
  std::string out = buffer_.substr(used_, size);
  used_ += size;
  at_ += size;
  if (hash_) hash_->update(out);
  return out;
}

bool Cursor::at_end() {
  return used_ == buffer_.size() && !fill() && !failed_;
}

Result<LogFileHeader> read_header(Cursor& in) {
  auto head = in.take(kMagic.size() + 2 + 4);
  if (!head) return fail(head.error());
  std::string all = *head;
  BinaryReader front(all);
  if (front.raw(kMagic.size()) != kMagic) return broken(0, "it does not begin as an export file");
  if (const auto version = front.u16(); version != kVersion)
    return fail(
        ErrorClass::refused, "log_format_unknown", "",
        fmt::format("The export file has version {}, and only {} is known.", version, kVersion));
  const auto id_size = front.u32();
  if (id_size > kMaxLedgerId) return broken(10, "the ledger id is too long");
  auto middle = in.take(id_size + 8 + 1);
  if (!middle) return fail(middle.error());
  all += *middle;
  const auto streams = static_cast<std::uint8_t>(middle->back());
  auto back = in.take(std::size_t{6} * streams + 4);
  if (!back) return fail(back.error());
  all += *back;

  BinaryReader crc(std::string_view(all).substr(all.size() - 4));
  if (crc.u32() != crc32c(std::string_view(all).substr(0, all.size() - 4)))
    return broken(0, "the header's checksum does not match");
  LogFileHeader header;
  header.ledger_id = middle->substr(0, id_size);
  BinaryReader created(std::string_view(*middle).substr(id_size));
  header.created.ms = created.i64();
  BinaryReader configs(*back);
  for (std::uint8_t i = 0; i < streams; ++i) {
    const auto stream = configs.u8(), compacted = configs.u8();
    if (compacted > 1) return broken(0, "the header makes no sense");
    header.streams.push_back({static_cast<Stream>(stream), configs.u32(), compacted == 1});
  }
  if (!is_valid(header)) return broken(0, "the header makes no sense");
  return header;
}

Result<LogFileScanner::Entry> read_entry(Cursor& in, std::uint64_t byte) {
  auto fixed = in.take(kEntryFixedBytes);
  if (!fixed) return fail(fixed.error());
  BinaryReader front(*fixed);
  LogFileScanner::Entry entry;
  entry.byte = byte;
  entry.stream = static_cast<Stream>(front.u8());
  entry.partition = front.u32();
  entry.record.offset = front.u64();
  const Position at{entry.stream, entry.partition, entry.record.offset};
  const auto key_size = front.u32();
  if (key_size > kMaxKeyBytes)
    return broken(byte, fmt::format("the key of the record {} is too long", to_string(at)));
  auto key = in.take(key_size + 4);
  if (!key) return fail(key.error());
  BinaryReader sized(std::string_view(*key).substr(key_size));
  const auto value_size = sized.u32();
  if (value_size > kMaxRecordBytes)
    return broken(byte, fmt::format("the value of the record {} is too long", to_string(at)));
  auto value = in.take(value_size);
  if (!value) return fail(value.error());
  auto crc = in.take(4);
  if (!crc) return fail(crc.error());
  entry.record.key = key->substr(0, key_size);
  entry.record.value = std::move(*value);
  const auto head = encode_entry_head(entry.stream, entry.partition, entry.record);
  if (*crc != encode_entry_crc(head, entry.record.value))
    return broken(byte, fmt::format("the checksum of the record {} does not match", to_string(at)));
  return entry;
}

Result<LogFileTrailer> read_trailer(Cursor& in, Sha256& hash) {
  const auto byte = in.at() - 1;
  auto size = in.take(4);
  if (!size) return fail(size.error());
  const auto places = BinaryReader(*size).u32();
  if (places > kStreams * kMaxPartitions) return broken(byte, "the trailer is too long");
  auto body = in.take(kPlaceBytes * places);
  if (!body) return fail(body.error());
  in.stop_hashing();
  LogFileTrailer trailer;
  BinaryReader front(*body);
  for (std::uint32_t i = 0; i < places; ++i) {
    const auto stream = static_cast<Stream>(front.u8());
    const auto partition = front.u32();
    const auto records = front.u64();
    trailer.places.push_back({stream, partition, records, front.u64()});
  }
  trailer.digest = hash.finish();
  auto stored = in.take(trailer.digest.bytes.size());
  if (!stored) return fail(stored.error());
  if (*stored != trailer.digest.view())
    return broken(byte, "the digest of the whole file does not match");
  if (!in.at_end()) return broken(in.at(), "there is something behind its end");
  return trailer;
}

}  // namespace fl::log::file_layout
