#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "projections/page.hpp"

namespace rocksdb {
class Snapshot;
}

namespace fl::projections {

class Txn;
struct StoreHandles;

/// The disk does not give what was written: a row that cannot be read or decoded. Reads throw it;
/// the server answers `unavailable`, the runner stops.
struct StorageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct StoreOptions {
  std::size_t block_cache_bytes = 64U << 20;    ///< bound of all cached blocks
  std::size_t write_buffer_bytes = 128U << 20;  ///< bound of all rows not flushed yet
  bool read_only = false;                       ///< what was last flushed; many may read
};

/// A consistent state of all read models: rows and positions as of one moment. Cheap; keep it no
/// longer than one request. Thread-compatible. The store must outlive it. Its reads throw
/// StorageError.
class View {
 public:
  struct Row {
    std::string key;  ///< without the prefix that was asked for
    std::string value;
  };
  std::optional<std::string> get(std::string_view projection, std::string_view key) const;

  /// A page of the rows below a prefix, in the order of their keys. Reads at most kMaxPage + 1
  /// rows. Error: malformed `cursor_invalid`, for a cursor of another list or a damaged one.
  Result<Listing<Row>> page(std::string_view projection, std::string_view prefix,
                            const Page& page) const;

  /// Rows below the prefix from prefix + `from` on, until `visit` says false or `max_rows` were
  /// visited. True when there may be more.
  bool scan(std::string_view projection, std::string_view prefix, std::string_view from,
            std::size_t max_rows,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

 private:
  friend class Store;
  View(std::shared_ptr<StoreHandles> handles, std::shared_ptr<const rocksdb::Snapshot> snapshot);
  std::shared_ptr<StoreHandles> handles_;
  std::shared_ptr<const rocksdb::Snapshot> snapshot_;
};

/// One RocksDB directory that holds the read models: a column family a projection, without a log of
/// its own, since the log is the truth. After a kill it is at an older state of all projections,
/// each row consistent with its position, and the runner goes on from there. One process writes.
/// Thread-safe, except that `open`, `clear` and destruction must be alone.
class Store {
 public:
  /// `projections`: the names of all. Column families of other names are dropped, unless read-only.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             std::span<const std::string> projections,
                                             const StoreOptions& options = {});
  ~Store();  ///< flushes
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  View view() const;

  /// Forgets all rows of a projection and its position, in one step. No view may be alive.
  Status clear(std::string_view projection);

  /// Writes what the transactions hold as one atomic, sorted write. Empties them but for their
  /// caches.
  Status commit(std::span<Txn* const> transactions);

  /// Makes durable what is committed; `wait`: returns when it is.
  Status flush(bool wait);

  /// The first failed write, also of one in the background, for good: what is committed from then
  /// on may never be durable.
  Status health() const;

 private:
  friend class Txn;
  explicit Store(std::shared_ptr<StoreHandles> handles) : handles_(std::move(handles)) {}
  std::shared_ptr<StoreHandles> handles_;
};

}  // namespace fl::projections
