#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.hpp"
#include "core/base/error.hpp"
#include "core/base/money.hpp"

namespace fl::http {

inline constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

/// Reads the members of a JSON object, or the parameters of a query, by name and type. The first
/// thing that is wrong is kept and later reads yield empty values, so a handler reads all that it
/// wants and asks once, with `finish()`, which also refuses members that nobody asked for.
///
/// An explicit null counts as absent. Every error is malformed and names the field, nested ones by
/// path (`price.amount`, `items[2].post`): field_missing, field_wrong_type, field_too_short,
/// field_too_long, field_out_of_range, field_bad_character, field_bad_value, field_repeated,
/// field_unknown.
class Fields {
 public:
  static Fields of_json(nlohmann::json object);      ///< not an object: body_not_an_object
  static Fields of_query(const QueryParams& query);  ///< numbers and booleans from their text

  bool has(std::string_view name) const;  ///< present and not null; does not count as asked for

  /// Lengths are in Unicode code points. A NUL is refused in every string.
  std::string required_string(std::string_view name, std::size_t min, std::size_t max);
  std::optional<std::string> optional_string(std::string_view name, std::size_t min,
                                             std::size_t max);
  std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min,
                                               std::int64_t max);
  bool required_bool(std::string_view name);
  std::optional<bool> optional_bool(std::string_view name);
  std::vector<std::string> required_strings(std::string_view name, std::size_t min_items,
                                            std::size_t max_items, std::size_t max_length);
  std::optional<std::vector<std::string>> optional_strings(std::string_view name,
                                                           std::size_t min_items,
                                                           std::size_t max_items,
                                                           std::size_t max_length);
  /// A nested object; its own unknown members are refused by this object's finish().
  Fields required_object(std::string_view name);
  std::optional<Fields> optional_object(std::string_view name);
  std::vector<Fields> required_objects(std::string_view name, std::size_t min_items,
                                       std::size_t max_items);
  /// {"amount": 123, "currency": "USD"}, in minor units.
  Money required_money(std::string_view name, Amount min = 0, Amount max = kMaxInteger);
  std::optional<Money> optional_money(std::string_view name, Amount min = 0,
                                      Amount max = kMaxInteger);
  /// An id in its text form; any other text is field_bad_value.
  template <class IdType>
  IdType required_id(std::string_view name) {
    return optional_parsed<IdType>(name, true).value_or(IdType{});
  }
  template <class IdType>
  std::optional<IdType> optional_id(std::string_view name) {
    return optional_parsed<IdType>(name, false);
  }
  /// One of `choices`.
  std::string required_choice(std::string_view name, const std::vector<std::string_view>& choices);
  std::optional<std::string> optional_choice(std::string_view name,
                                             const std::vector<std::string_view>& choices);

  /// For a rule of the caller's own: keeps the error unless there is one already.
  void refuse(std::string_view name, std::string code, std::string message);

  [[nodiscard]] Status finish();

 private:
  struct State;
  Fields(std::shared_ptr<State> state, std::size_t node) : state_(std::move(state)), node_(node) {}
  const nlohmann::json* find(std::string_view name, bool required);
  std::optional<std::string> text_of(std::string_view name, bool required, std::size_t min,
                                     std::size_t max);
  std::optional<std::int64_t> integer_of(std::string_view name, bool required, std::int64_t min,
                                         std::int64_t max);
  std::optional<bool> bool_of(std::string_view name, bool required);
  std::optional<std::vector<std::string>> strings_of(std::string_view name, bool required,
                                                     std::size_t min_items, std::size_t max_items,
                                                     std::size_t max_length);
  std::optional<Fields> object_of(std::string_view name, bool required);
  std::optional<Money> money_of(std::string_view name, bool required, Amount min, Amount max);
  std::optional<std::string> choice_of(std::string_view name, bool required,
                                       const std::vector<std::string_view>& choices);
  template <class IdType>
  std::optional<IdType> optional_parsed(std::string_view name, bool required) {
    const auto text = text_of(name, required, 1, 64);
    if (!text) return std::nullopt;
    const auto id = IdType::parse(*text);
    if (!id) refuse(name, "field_bad_value", "This is not a valid id.");
    return id;
  }

  std::shared_ptr<State> state_;  ///< shared by an object and those nested in it
  std::size_t node_;
};

}  // namespace fl::http
