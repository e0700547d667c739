#pragma once

#include <sys/types.h>

#include <cstdio>
#include <mutex>
#include <string>

#include "core/log/kafka_options.hpp"
#include "core/log/work_share.hpp"

namespace fl::log {

/// A member of a group of Kafka in a process of its own, which can be killed, and be stopped so
/// that it hears of nothing.
class RemoteShare : public WorkShare {
 public:
  RemoteShare(const KafkaOptions& options, std::string_view group,
              const std::vector<Stream>& streams);
  ~RemoteShare() override { stop(); }

  std::vector<Held> assigned() const override;
  bool holds(const Held& held) const override;
  void set_listener(Listener) override {}
  Result<std::optional<Offset>> committed(Stream, PartitionIndex) override;
  Status commit(const Held& held, Offset next) override;
  void stop() override;

  void kill();
  void put_to_sleep();
  Status commit_on_waking(const Held& held, Offset next);

 private:
  void say(const std::string& line) const;
  std::string hear() const;
  void end(int signal);

  mutable std::mutex mutex_;
  pid_t child_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace fl::log
