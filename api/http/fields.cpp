#include "api/http/fields.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>

#include "api/http/utf8.hpp"

namespace fl::http {

using Json = nlohmann::json;

struct Fields::State {
  struct Node {
    const Json* object;
    std::string prefix;  // of field names in errors
    std::set<std::string, std::less<>> asked;
  };
  Json root;
  bool from_text = false;  // a query: numbers and booleans are strings
  std::deque<Node> nodes;
  std::optional<Error> error;

  void refuse(const std::string& field, std::string code, std::string message) {
    if (!error) {
      error = Error{ErrorClass::malformed, std::move(code), field, std::move(message)};
    }
  }
};

namespace {

const Json kEmptyObject = Json::object();

std::string joined(const std::string& prefix, std::string_view name) {
  return prefix + std::string(name);
}

std::optional<std::int64_t> integer_from(const Json& value, bool from_text) {
  if (from_text) {
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
  }
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(kMaxInteger)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

}  // namespace

Fields Fields::of_json(Json object) {
  auto state = std::make_shared<State>();
  state->root = std::move(object);
  if (!state->root.is_object()) {
    state->error =
        Error{ErrorClass::malformed, "body_not_an_object", "", "The body must be a JSON object."};
    state->root = Json::object();
  }
  state->nodes.push_back({&state->root, "", {}});
  return Fields(std::move(state), 0);
}

Fields Fields::of_query(const QueryParams& query) {
  auto state = std::make_shared<State>();
  state->root = Json::object();
  state->from_text = true;
  for (const auto& [name, value] : query) {
    if (state->root.contains(name)) {
      state->refuse(name, "field_repeated", "This parameter stands there twice.");
    }
    state->root[name] = value;
  }
  state->nodes.push_back({&state->root, "", {}});
  return Fields(std::move(state), 0);
}

bool Fields::has(std::string_view name) const {
  const auto& object = *state_->nodes[node_].object;
  const auto it = object.find(std::string(name));
  return it != object.end() && !it->is_null();
}

const Json* Fields::find(std::string_view name, bool required) {
  auto& node = state_->nodes[node_];
  node.asked.emplace(name);
  const auto it = node.object->find(std::string(name));
  if (it != node.object->end() && !it->is_null()) return state_->error ? nullptr : &*it;
  if (required) refuse(name, "field_missing", "This field is required.");
  return nullptr;
}

void Fields::refuse(std::string_view name, std::string code, std::string message) {
  state_->refuse(joined(state_->nodes[node_].prefix, name), std::move(code), std::move(message));
}

std::optional<std::string> Fields::text_of(std::string_view name, bool required, std::size_t min,
                                           std::size_t max) {
  const Json* value = find(name, required);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    refuse(name, "field_wrong_type", "This must be a string.");
    return std::nullopt;
  }
  const auto& text = value->get_ref<const std::string&>();
  const auto length = utf8_length(text);
  if (!length || text.find('\0') != std::string::npos) {
    refuse(name, "field_bad_character", "This has a character that it may not have.");
    return std::nullopt;
  }
  if (*length < min) {
    refuse(name, "field_too_short", "This needs at least " + std::to_string(min) + " characters.");
    return std::nullopt;
  }
  if (*length > max) {
    refuse(name, "field_too_long", "This may have at most " + std::to_string(max) + " characters.");
    return std::nullopt;
  }
  return text;
}

std::string Fields::required_string(std::string_view name, std::size_t min, std::size_t max) {
  return text_of(name, true, min, max).value_or("");
}
std::optional<std::string> Fields::optional_string(std::string_view name, std::size_t min,
                                                   std::size_t max) {
  return text_of(name, false, min, max);
}

std::optional<std::int64_t> Fields::integer_of(std::string_view name, bool required,
                                               std::int64_t min, std::int64_t max) {
  const Json* value = find(name, required);
  if (!value) return std::nullopt;
  const auto number = integer_from(*value, state_->from_text);
  if (!number) {
    refuse(name, "field_wrong_type", "This must be a whole number of at most 64 bits.");
    return std::nullopt;
  }
  if (*number < min || *number > max) {
    refuse(name, "field_out_of_range",
           "This must be from " + std::to_string(min) + " to " + std::to_string(max) + ".");
    return std::nullopt;
  }
  return number;
}

std::int64_t Fields::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  return integer_of(name, true, min, max).value_or(0);
}
std::optional<std::int64_t> Fields::optional_integer(std::string_view name, std::int64_t min,
                                                     std::int64_t max) {
  return integer_of(name, false, min, max);
}

std::optional<bool> Fields::bool_of(std::string_view name, bool required) {
  const Json* value = find(name, required);
  if (!value) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (state_->from_text && *value == "true") return true;
  if (state_->from_text && *value == "false") return false;
  refuse(name, "field_wrong_type", "This must be true or false.");
  return std::nullopt;
}

bool Fields::required_bool(std::string_view name) {
  return bool_of(name, true).value_or(false);
}
std::optional<bool> Fields::optional_bool(std::string_view name) {
  return bool_of(name, false);
}

std::optional<std::vector<std::string>> Fields::strings_of(std::string_view name, bool required,
                                                           std::size_t min_items,
                                                           std::size_t max_items,
                                                           std::size_t max_length) {
  const Json* value = find(name, required);
  if (!value) return std::nullopt;
  if (!value->is_array()) {
    refuse(name, "field_wrong_type", "This must be an array of strings.");
    return std::nullopt;
  }
  if (value->size() < min_items || value->size() > max_items) {
    refuse(name, value->size() < min_items ? "field_too_short" : "field_too_long",
           "This must have from " + std::to_string(min_items) + " to " + std::to_string(max_items) +
               " items.");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const auto item = std::string(name) + "[" + std::to_string(i) + "]";
    const Json& entry = (*value)[i];
    if (!entry.is_string()) {
      refuse(item, "field_wrong_type", "This must be a string.");
      return std::nullopt;
    }
    const auto& text = entry.get_ref<const std::string&>();
    if (utf8_length(text).value_or(0) > max_length) {
      refuse(item, "field_too_long",
             "This may have at most " + std::to_string(max_length) + " characters.");
      return std::nullopt;
    }
    if (text.find('\0') != std::string::npos) {
      refuse(item, "field_bad_character", "This has a character that it may not have.");
      return std::nullopt;
    }
    texts.push_back(text);
  }
  return texts;
}

std::vector<std::string> Fields::required_strings(std::string_view name, std::size_t min_items,
                                                  std::size_t max_items, std::size_t max_length) {
  return strings_of(name, true, min_items, max_items, max_length)
      .value_or(std::vector<std::string>{});
}
std::optional<std::vector<std::string>> Fields::optional_strings(std::string_view name,
                                                                 std::size_t min_items,
                                                                 std::size_t max_items,
                                                                 std::size_t max_length) {
  return strings_of(name, false, min_items, max_items, max_length);
}

std::optional<Fields> Fields::object_of(std::string_view name, bool required) {
  const Json* value = find(name, required);
  if (!value) return std::nullopt;
  if (!value->is_object()) {
    refuse(name, "field_wrong_type", "This must be an object.");
    return std::nullopt;
  }
  state_->nodes.push_back({value, joined(state_->nodes[node_].prefix, name) + ".", {}});
  return Fields(state_, state_->nodes.size() - 1);
}

Fields Fields::required_object(std::string_view name) {
  if (auto object = object_of(name, true)) return *object;
  state_->nodes.push_back({&kEmptyObject, "", {}});  // reads as empty: the error is kept already
  return Fields(state_, state_->nodes.size() - 1);
}
std::optional<Fields> Fields::optional_object(std::string_view name) {
  return object_of(name, false);
}

std::vector<Fields> Fields::required_objects(std::string_view name, std::size_t min_items,
                                             std::size_t max_items) {
  const Json* value = find(name, true);
  if (!value) return {};
  if (!value->is_array() ||
      !std::all_of(value->begin(), value->end(), [](const Json& e) { return e.is_object(); })) {
    refuse(name, "field_wrong_type", "This must be an array of objects.");
    return {};
  }
  if (value->size() < min_items || value->size() > max_items) {
    refuse(name, value->size() < min_items ? "field_too_short" : "field_too_long",
           "This must have from " + std::to_string(min_items) + " to " + std::to_string(max_items) +
               " items.");
    return {};
  }
  std::vector<Fields> objects;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const auto prefix = joined(state_->nodes[node_].prefix, name) + "[" + std::to_string(i) + "].";
    state_->nodes.push_back({&(*value)[i], prefix, {}});
    objects.push_back(Fields(state_, state_->nodes.size() - 1));
  }
  return objects;
}

std::optional<Money> Fields::money_of(std::string_view name, bool required, Amount min,
                                      Amount max) {
  auto object = object_of(name, required);
  if (!object) return std::nullopt;
  Money money;
  money.amount = object->required_integer("amount", min, max);
  const auto currency = Currency::parse(object->required_string("currency", 3, 8));
  if (!currency) {
    object->refuse("currency", "field_bad_value", "This must be the code of a currency.");
    return std::nullopt;
  }
  money.currency = *currency;
  return money;
}

Money Fields::required_money(std::string_view name, Amount min, Amount max) {
  return money_of(name, true, min, max).value_or(Money{});
}
std::optional<Money> Fields::optional_money(std::string_view name, Amount min, Amount max) {
  return money_of(name, false, min, max);
}

std::optional<std::string> Fields::choice_of(std::string_view name, bool required,
                                             const std::vector<std::string_view>& choices) {
  auto text = text_of(name, required, 0, 256);
  if (!text || std::find(choices.begin(), choices.end(), *text) != choices.end()) return text;
  std::string message = "This must be one of";
  for (const auto& choice : choices) message += " " + std::string(choice);
  refuse(name, "field_bad_value", message + ".");
  return std::nullopt;
}

std::string Fields::required_choice(std::string_view name,
                                    const std::vector<std::string_view>& choices) {
  return choice_of(name, true, choices).value_or("");
}
std::optional<std::string> Fields::optional_choice(std::string_view name,
                                                   const std::vector<std::string_view>& choices) {
  return choice_of(name, false, choices);
}

Status Fields::finish() {
  for (const auto& node : state_->nodes) {
    for (const auto& [name, value] : node.object->items()) {
      if (node.asked.contains(name)) continue;
      state_->refuse(joined(node.prefix, name), "field_unknown", "There is no such field.");
    }
  }
  if (state_->error) return fail(*state_->error);
  return {};
}

}  // namespace fl::http
