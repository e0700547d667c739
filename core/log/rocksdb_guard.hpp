#pragma once

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <memory>
#include <mutex>
#include <string>

namespace fl::log {

/// How every database of ours meets a disk that fails: it stops at the first failure, for good, and
/// whoever owns it can ask. Left alone, RocksDB repeats a failed flush in the background, and keeps
/// a LOG file of its own: a full disk fails that as well, and there RocksDB aborts the process.
/// Thread-safe.
class RocksdbGuard : public rocksdb::EventListener {
 public:
  /// Sets all that stands above; RocksDB's warnings go where all others go, behind `name`.
  static std::shared_ptr<RocksdbGuard> install(rocksdb::DBOptions& options,
                                               const std::string& name);

  /// The first failure, of a write or in the background.
  rocksdb::Status status() const;

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                            bool* auto_recovery) override;

 private:
  mutable std::mutex mutex_;
  rocksdb::Status status_;
};

}  // namespace fl::log
