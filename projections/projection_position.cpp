#include "projections/projection_position.hpp"

#include "core/base/encoding.hpp"
#include "projections/row_key.hpp"
#include "projections/store_handles.hpp"

namespace fl::projections {
namespace {
constexpr std::uint8_t kRowVersion = 1;
constexpr std::uint32_t kMaxPartitions = 65'536;
}  // namespace

PositionToken Progress::token() const {
  PositionToken token;
  token.set(log::Stream::ledger, 0, ledger);
  for (std::size_t i = 0; i < activity.size(); ++i) {
    token.set(log::Stream::activity, static_cast<log::PartitionIndex>(i), activity[i]);
  }
  return token;
}

std::string encode(const ProjectionPosition& position) {
  std::string out;
  put_u8(out, kRowVersion);
  put_u32(out, position.version);
  put_u64(out, position.progress.ledger);
  put_bytes(out, position.progress.ledger_state);
  put_u32(out, static_cast<std::uint32_t>(position.progress.activity.size()));
  for (const auto next : position.progress.activity) put_u64(out, next);
  return out;
}

std::optional<ProjectionPosition> decode_position(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto row_version = in.u8();
  ProjectionPosition position;
  position.version = in.u32();
  position.progress.ledger = in.u64();
  position.progress.ledger_state = in.bytes();
  const auto partitions = in.u32();
  if (row_version != kRowVersion || partitions > kMaxPartitions) return std::nullopt;
  for (std::uint32_t i = 0; i < partitions; ++i) position.progress.activity.push_back(in.u64());
  if (!in.done()) return std::nullopt;
  return position;
}

Progress progress_of(const View& view, std::string_view projection) {
  auto position = decoded(view.get(projection, kPositionKey), decode_position, projection);
  return position ? std::move(position->progress) : Progress{};
}

}  // namespace fl::projections
