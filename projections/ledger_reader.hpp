#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "projections/events_at.hpp"

namespace fl::projections {

/// The chain rule, as the read models need it: which events of a stored record are valid.
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  /// The valid events of the record at `offset`; none when it is void, a fence or Genesis. Called
  /// for each record in turn. An error stops the reader for good.
  virtual Result<std::vector<LedgerEventAt>> read(log::Offset offset, std::string_view stored) = 0;

  /// What it needs to go on after the records read so far: small, opaque, kept with the position.
  virtual std::string state() const = 0;
};

/// Makes a reader that goes on from a kept state; an empty one stands before Genesis.
using OpenLedgerReader =
    std::function<Result<std::unique_ptr<LedgerReader>>(std::string_view state)>;

}  // namespace fl::projections
