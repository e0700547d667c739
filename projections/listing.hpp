#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "projections/row_key.hpp"

namespace fl::projections {

/// A page of a projection's list: the rows below the key `list`, each turned by `make` into what is
/// listed.
template <class Make, class T = std::invoke_result_t<Make, const View::Row&>>
Result<Listing<T>> listing(const View& view, std::string_view projection, std::string_view list,
                           const Page& page, Make make) {
  auto rows = view.page(projection, list, page);
  if (!rows) return fail(rows.error());
  Listing<T> out;
  out.next = std::move(rows->next);
  out.items.reserve(rows->items.size());
  for (const auto& row : rows->items) out.items.push_back(make(row));
  return out;
}

/// The same of a list whose rows hold what is listed: `decode` gives nothing when one is damaged.
template <class Decode>
auto listing_of_values(const View& view, std::string_view projection, std::string_view list,
                       const Page& page, Decode decode) {
  return listing(view, projection, list, page,
                 [&](const View::Row& row) { return intact(decode(row.value), projection); });
}

/// The same of a list whose rows hold ids: `find` gives what has the id, which must be there.
template <class IdType, class Find>
auto listing_of_ids(const View& view, std::string_view projection, std::string_view list,
                    const Page& page, Find find) {
  return listing(view, projection, list, page, [&](const View::Row& row) {
    return intact(find(IdType::from_raw(row.value)), projection);
  });
}

}  // namespace fl::projections
