#include <rocksdb/iterator.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/sha256.hpp"
#include "projections/store.hpp"
#include "projections/store_handles.hpp"

namespace fl::projections {
namespace {

constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kMaxCursor = 256;

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view text(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

/// The first key that is above all keys with the prefix; empty when there is none.
std::string above(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty() && static_cast<unsigned char>(out.back()) == 0xff) out.pop_back();
  if (!out.empty()) out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

/// Binds a cursor to its list, so that one of another list is not followed to a wrong place. Not a
/// secret: a cursor tells no more than the row it came from.
std::string check(std::string_view projection, std::string_view prefix, std::string_view rest) {
  const Digest digest = sha256({"fanledger-cursor", projection, std::string_view("\0", 1), prefix,
                                std::string_view("\0", 1), rest});
  return std::string(digest.view().substr(0, kCheckBytes));
}

Result<std::string> parse_cursor(std::string_view projection, std::string_view prefix,
                                 std::string_view cursor) {
  const auto bytes = cursor.size() <= kMaxCursor ? from_base64url(cursor) : std::nullopt;
  if (bytes && bytes->size() > kCheckBytes) {
    auto rest = bytes->substr(kCheckBytes);
    if (bytes->substr(0, kCheckBytes) == check(projection, prefix, rest)) return rest;
  }
  return fail(ErrorClass::malformed, "cursor_invalid", "cursor",
              "The cursor is not one that this list gave.");
}

}  // namespace

View::View(std::shared_ptr<StoreHandles> handles, std::shared_ptr<const rocksdb::Snapshot> snapshot)
    : handles_(std::move(handles)), snapshot_(std::move(snapshot)) {}

std::optional<std::string> View::get(std::string_view projection, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_.get();
  std::string value;
  const auto status = handles_->db->Get(options, handles_->family(projection), slice(key), &value);
  if (status.ok()) return value;
  if (status.IsNotFound()) return std::nullopt;
  throw StorageError("read of " + std::string(projection) + ": " + status.ToString());
}

bool View::scan(
    std::string_view projection, std::string_view prefix, std::string_view from,
    std::size_t max_rows,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const std::string end = above(prefix);
  const rocksdb::Slice bound = slice(end);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_.get();
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(
      handles_->db->NewIterator(options, handles_->family(projection)));
  std::string start(prefix);
  start.append(from);
  std::size_t rows = 0;
  for (at->Seek(start); at->Valid(); at->Next()) {
    if (rows++ == max_rows) return true;
    if (!visit(text(at->key()).substr(prefix.size()), text(at->value()))) return true;
  }
  if (!at->status().ok()) {
    throw StorageError("scan of " + std::string(projection) + ": " + at->status().ToString());
  }
  return false;
}

Result<Listing<View::Row>> View::page(std::string_view projection, std::string_view prefix,
                                      const Page& page) const {
  std::string from;
  if (!page.cursor.empty()) {
    auto after = parse_cursor(projection, prefix, page.cursor);
    if (!after) return fail(after.error());
    from = *after + '\0';  // the first key above the one that was seen last
  }
  const auto limit = page.limit == 0 ? kMaxPage : std::min(page.limit, kMaxPage);
  Listing<Row> listing;
  const bool more =
      scan(projection, prefix, from, limit, [&](std::string_view key, std::string_view value) {
        listing.items.push_back({std::string(key), std::string(value)});
        return true;
      });
  if (more) {
    const auto& last = listing.items.back().key;
    listing.next = to_base64url(check(projection, prefix, last) + last);
  }
  return listing;
}

}  // namespace fl::projections
