#include "projections/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "projections/lane.hpp"
#include "projections/store_handles.hpp"

namespace fl::projections {
namespace {

constexpr std::size_t kRowsARead = 4096;
constexpr BiteLimits kBite{65'536, 16U << 20};

/// The rows that are looked at cannot be read; those that were derived can.
struct Unreadable {
  std::string key;  ///< that was read last
  std::string what;
};

/// All rows of a projection in order, a few at a time.
class Rows {
 public:
  Rows(const View& view, std::string projection) : view_(view), projection_(std::move(projection)) {
    read("");
  }
  const View::Row* current() const { return at_ < rows_.size() ? &rows_[at_] : nullptr; }
  void advance() {
    if (++at_ == rows_.size() && more_) read(rows_.back().key + '\0');
  }

 private:
  void read(const std::string& from) {
    rows_.clear();
    at_ = 0;
    more_ = view_.scan(projection_, "", from, kRowsARead,
                       [&](std::string_view key, std::string_view value) {
                         rows_.push_back({std::string(key), std::string(value)});
                         return true;
                       });
  }
  const View& view_;
  std::string projection_;
  std::vector<View::Row> rows_;
  std::size_t at_ = 0;
  bool more_ = false;
};

/// Those of the live read models: what they cannot give is thrown as Unreadable.
class LiveRows {
 public:
  LiveRows(const View& view, const std::string& projection) {
    guarded([&] { rows_.emplace(view, projection); });
  }
  const View::Row* current() const { return rows_->current(); }
  void advance() {
    last_ = rows_->current()->key;
    guarded([&] { rows_->advance(); });
  }

 private:
  template <class Read>
  void guarded(Read read) {
    try {
      read();
    } catch (const StorageError& failure) {
      throw Unreadable{last_, failure.what()};
    }
  }
  std::optional<Rows> rows_;
  std::string last_;
};

class Report {
 public:
  explicit Report(std::size_t max) : max_(max) {}
  VerifyReport report;

  void differ(const std::string& projection, std::string_view key, std::string what,
              bool unreadable = false) {
    ++report.found;
    if (report.differences.size() < max_) {
      report.differences.push_back({projection, to_hex(key), std::move(what), unreadable});
    }
  }
  void compare(const std::string& projection, const View& live, const View& derived) {
    try {
      compare_rows(projection, live, derived);
    } catch (Unreadable& damage) {
      differ(projection, damage.key, std::move(damage.what), true);
    }
  }

 private:
  void compare_rows(const std::string& projection, const View& live, const View& derived) {
    Rows ours(derived, projection);
    LiveRows theirs(live, projection);
    while (ours.current() != nullptr || theirs.current() != nullptr) {
      const auto* right = ours.current();
      const auto* found = theirs.current();
      ++report.rows;
      if (found == nullptr || (right != nullptr && right->key < found->key)) {
        differ(projection, right->key, "row missing");
        ours.advance();
      } else if (right == nullptr || found->key < right->key) {
        differ(projection, found->key, "row not derived from the log");
        theirs.advance();
      } else {
        if (right->value != found->value)
          differ(projection, right->key, difference(*right, *found));
        ours.advance();
        theirs.advance();
      }
    }
  }
  static std::string difference(const View::Row& right, const View::Row& found) {
    if (right.key == kPositionKey) return "position or state of the chain differs";
    constexpr std::size_t kShown = 64;
    const auto shown = [](const std::string& value) {
      return to_hex(std::string_view(value).substr(0, kShown)) + (value.size() > kShown ? "…" : "");
    };
    return fmt::format("row differs: {} derived, {} found", shown(right.value), shown(found.value));
  }
  std::size_t max_;
};

struct Group {
  Progress progress;
  std::vector<Projection*> projections;
};

/// The projections that can be compared, by the position at which they stand.
std::vector<Group> group(const View& live, const std::vector<Projection*>& projections,
                         Report& report) {
  std::vector<Group> groups;
  for (auto* projection : projections) {
    Progress progress;
    std::optional<std::string> row;
    try {
      row = live.get(projection->name(), kPositionKey);
    } catch (const StorageError& failure) {
      report.differ(projection->name(), kPositionKey, failure.what(), true);
      continue;
    }
    if (row) {
      const auto position = decode_position(*row);
      if (!position || position->version != projection->version()) {
        report.differ(projection->name(), "", "kept by another version, not compared");
        continue;
      }
      progress = position->progress;
    }
    // What the live state of the chain claims is derived, not believed.
    progress.ledger_state.clear();
    auto found = std::ranges::find(groups, progress, &Group::progress);
    if (found == groups.end()) found = groups.insert(groups.end(), Group{progress, {}});
    found->projections.push_back(projection);
  }
  return groups;
}

Status derive(Store& scratch, const Group& group, const ReadBounded& read,
              const OpenLedgerReader& open_reader, VerifyReport& report) {
  Progress begin;
  begin.activity.resize(group.progress.activity.size(), 0);
  auto lane = Lane::open(scratch, group.projections, begin, open_reader);
  if (!lane) return fail(lane.error());
  while (lane->progress().token() != group.progress.token()) {
    auto taken = lane->bite(read, kBite, group.progress);
    if (!taken) return fail(taken.error());
    if (*taken == 0) {
      return fail(ErrorClass::unavailable, "log_truncated", "",
                  fmt::format("The log ends at {} below the position of the read models, {}.",
                              lane->progress().token().str(), group.progress.token().str()));
    }
  }
  report.ledger_records += lane->ledger_records();
  report.activity_records += lane->activity_records();
  return {};
}

/// The log has no such place: what stands there was not derived from it.
bool is_beyond_log(const Error& error) {
  return error.code == "log_truncated" || error.code == "no_such_partition";
}

}  // namespace

Result<VerifyReport> verify(const View& live, const std::vector<Projection*>& projections,
                            const ReadRecords& read, const OpenLedgerReader& open_reader,
                            const std::filesystem::path& scratch, std::size_t max_differences) {
  const ReadBounded bounded = [&](log::Stream stream, log::PartitionIndex partition,
                                  log::Offset from, std::size_t records,
                                  std::size_t) { return read(stream, partition, from, records); };
  std::error_code error;
  if (std::filesystem::exists(scratch, error) && !std::filesystem::is_empty(scratch, error)) {
    return fail(ErrorClass::malformed, "scratch_not_empty", "scratch",
                "The scratch directory must be empty: " + scratch.string());
  }
  try {
    Report report(max_differences);
    std::vector<std::string> names;
    for (const auto* projection : projections) names.push_back(projection->name());
    auto store = Store::open(scratch, names);
    if (!store) return fail(store.error());
    for (const auto& one : group(live, projections, report)) {
      if (auto status = derive(**store, one, bounded, open_reader, report.report); !status) {
        if (!is_beyond_log(status.error())) return fail(status.error());
        for (const auto* projection : one.projections) {
          report.differ(projection->name(), kPositionKey, status.error().message);
        }
        continue;
      }
      const View derived = (*store)->view();
      for (const auto* projection : one.projections) {
        report.compare(projection->name(), live, derived);
      }
    }
    return std::move(report.report);
  } catch (const StorageError& failure) {
    return fail(ErrorClass::unavailable, "views_storage", "", failure.what());
  }
}

}  // namespace fl::projections
