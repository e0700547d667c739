#include "core/log/kafka_appends.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace fl::log::kafka {

Appends::~Appends() {
  std::vector<std::shared_ptr<Producer>> last;  // destroyed without the lock: they tell
  const std::lock_guard lock(mutex_);
  last.swap(retired_);
  last.push_back(std::move(producer_));
}

Status Appends::open() {
  auto made = current();
  return made ? Status{} : Status(fail(made.error()));
}

Result<std::shared_ptr<Producer>> Appends::current() {
  std::vector<std::shared_ptr<Producer>> idle;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (refused_) return fail(*refused_);
  if (producer_) return producer_;
  for (auto& one : retired_)
    if (one.use_count() == 1) idle.push_back(std::move(one));
  std::erase(retired_, nullptr);
  auto made = Producer::open(options_, streams_);
  if (!made) return fail(made.error());
  producer_ = std::move(*made);
  return producer_;
}

Error Appends::give_up(Producer& producer, const Error& why) {
  const std::lock_guard lock(mutex_);
  if (producer_.get() == &producer) {
    spdlog::warn(fmt::format("kafka: another producer takes over: {}", why.message));
    producer.refuse(why);
    retired_.push_back(std::move(producer_));
  }
  if (refused_) return *refused_;
  return {ErrorClass::retry, kAppendUnknown, "", why.message};
}

void Appends::refuse(const Error& why) {
  const std::lock_guard lock(mutex_);
  if (!refused_) refused_ = why;
  if (producer_) producer_->refuse(*refused_);
}

Result<Offset> Appends::append(Stream stream, PartitionIndex partition,
                               std::span<const NewRecord> records) {
  const auto producer = current();
  if (!producer) return fail(producer.error());
  auto first = (*producer)->append(stream, partition, records);
  return first ? first : fail(give_up(**producer, first.error()));
}

void Appends::append_later(Stream stream, PartitionIndex partition, const NewRecord& record,
                           std::function<void(Result<Offset>)> done) {
  const auto producer = current();
  if (!producer) return done(fail(producer.error()));
  (*producer)->append_later(
      stream, partition, record,
      // Only a producer that lives tells of its appends; it must not live because of them.
      [this, its = producer->get(), done = std::move(done)](Result<Offset> first) {
        if (!first) first = fail(give_up(*its, first.error()));
        done(std::move(first));
      });
}

}  // namespace fl::log::kafka
