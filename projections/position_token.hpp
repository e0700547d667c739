#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::projections {

/// "Everything below these offsets is seen": next offset by stream and partition, of the streams
/// that read models follow (ledger and activity). A partition that is not named is at 0.
/// Its text is opaque to clients: `L12.A0-5.A3-9`; `L0` when nothing is seen. One spelling a value.
class PositionToken {
 public:
  static constexpr std::size_t kMaxText = 4096;
  static Result<PositionToken> parse(std::string_view text);  ///< malformed: position_invalid
  std::string str() const;

  log::Offset next(log::Stream stream, log::PartitionIndex partition) const;
  void set(log::Stream stream, log::PartitionIndex partition, log::Offset next);

  /// To have seen the record at `position`.
  static PositionToken just_after(const log::Position& position);

  void merge(const PositionToken& other);            ///< the later of both, in each partition
  bool covered_by(const PositionToken& seen) const;  ///< ≤ in each partition
  bool operator==(const PositionToken&) const = default;

 private:
  std::map<std::pair<log::Stream, log::PartitionIndex>, log::Offset> next_;  // no zeros
};

}  // namespace fl::projections
