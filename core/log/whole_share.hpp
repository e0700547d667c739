#pragma once

#include <atomic>
#include <string>

#include "core/log/work_share.hpp"

namespace fl::log {

/// Where a log that one process has to itself keeps the positions of groups.
class GroupPositions {
 public:
  virtual ~GroupPositions() = default;
  virtual Result<std::optional<Offset>> committed(std::string_view group, Stream stream,
                                                  PartitionIndex partition) = 0;
  virtual Status commit(std::string_view group, Stream stream, PartitionIndex partition,
                        Offset next) = 0;
};

/// The share of the only member there is: always everything.
class WholeShare : public WorkShare {
 public:
  /// `positions` outlives the share. Errors: as Log::join.
  static Result<std::unique_ptr<WorkShare>> join(const std::vector<StreamConfig>& log,
                                                 GroupPositions& positions, std::string_view group,
                                                 const std::vector<Stream>& streams);

  std::vector<Held> assigned() const override;
  bool holds(const Held& held) const override;
  void set_listener(Listener) override {}  ///< nothing ever changes but by `stop`
  Result<std::optional<Offset>> committed(Stream stream, PartitionIndex partition) override;
  Status commit(const Held& held, Offset next) override;
  void stop() override { stopped_ = true; }

 private:
  WholeShare(GroupPositions& positions, std::string_view group, std::vector<Held> all)
      : positions_(positions), group_(group), all_(std::move(all)) {}

  GroupPositions& positions_;
  const std::string group_;
  const std::vector<Held> all_;
  std::atomic<bool> stopped_{false};
};

}  // namespace fl::log
