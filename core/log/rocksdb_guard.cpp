#include "core/log/rocksdb_guard.hpp"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <spdlog/spdlog.h>

#include <cstdio>

namespace fl::log {
namespace {

class WarningsOnly : public rocksdb::Logger {
 public:
  explicit WarningsOnly(std::string name)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), name_(std::move(name)) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[1024];
    if (std::vsnprintf(line, sizeof line, format, arguments) > 0)
      spdlog::warn(fmt::format("{}: RocksDB says: {}", name_, line));
  }

 private:
  const std::string name_;
};

}  // namespace

std::shared_ptr<RocksdbGuard> RocksdbGuard::install(rocksdb::DBOptions& options,
                                                    const std::string& name) {
  auto guard = std::make_shared<RocksdbGuard>();
  options.info_log = std::make_shared<WarningsOnly>(name);
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(guard);
  return guard;
}

rocksdb::Status RocksdbGuard::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void RocksdbGuard::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  const std::scoped_lock lock(mutex_);
  if (status_.ok()) status_ = *error;
}

void RocksdbGuard::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                        bool* auto_recovery) {
  *auto_recovery = false;  // not even when there is room again: what failed is not known
}

}  // namespace fl::log
