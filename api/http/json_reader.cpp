#include "api/http/json_reader.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>
#include <vector>

namespace fl::http {
namespace {

using Json = nlohmann::json;

/// Builds the value, and stops at what nlohmann's own parser lets pass: depth and repeated keys.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit StrictBuilder(std::size_t depth) : depth_(depth) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      return stop("json_duplicate_key", "The JSON body has the same member twice.");
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return stop("json_malformed", "The body is not valid JSON in UTF-8.");
  }

  Json root;
  std::string code = "json_malformed";
  std::string message = "The body is not valid JSON.";

 private:
  bool stop(std::string what, std::string text) {
    code = std::move(what);
    message = std::move(text);
    return false;
  }
  Json* place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[std::move(key_)] = std::move(value));
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= depth_) {
      return stop("json_too_deep", "The JSON body is nested too deeply.");
    }
    // Only the innermost container grows, so pointers to those around it stay valid.
    open_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t depth_;
  std::vector<Json*> open_;
  std::string key_;
};

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, std::size_t depth) {
  StrictBuilder builder(depth);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    return fail(ErrorClass::malformed, builder.code, "", builder.message);
  }
  return std::move(builder.root);
}

}  // namespace fl::http
