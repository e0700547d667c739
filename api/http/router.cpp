#include "api/http/router.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fl::http {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
  std::unique_ptr<Node> param;  // {name}: one segment
  std::unique_ptr<Node> rest;   // {name...}: one segment or more, ends the path
  std::map<Method, Entry*> methods;

  using Segments = std::vector<std::string>;
  /// Depth first; what is spelt out goes before what is named.
  const Node* find(const Segments& segments, std::size_t at) const {
    if (at == segments.size()) return methods.empty() ? nullptr : this;
    if (const auto it = literal.find(segments[at]); it != literal.end()) {
      if (const Node* found = it->second->find(segments, at + 1)) return found;
    }
    if (segments[at].empty()) return nullptr;
    if (param) {
      if (const Node* found = param->find(segments, at + 1)) return found;
    }
    return rest.get();
  }
};

namespace {

std::vector<std::string> split_path(const std::string& path) {
  FL_ASSERT(path.starts_with('/'));
  std::vector<std::string> parts;
  for (std::size_t at = 1;;) {
    const auto slash = path.find('/', at);
    parts.push_back(path.substr(at, slash - at));
    if (slash == std::string::npos) return parts;
    at = slash + 1;
  }
}

bool is_param(const std::string& part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}
bool is_rest(const std::string& part) {
  return is_param(part) && part.ends_with("...}");
}

PathParams params_of(const std::string& path, const std::vector<std::string>& segments) {
  PathParams params;
  const auto parts = split_path(path);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (is_rest(parts[i])) {
      std::string rest = segments[i];
      for (std::size_t k = i + 1; k < segments.size(); ++k) rest += "/" + segments[k];
      params.emplace_back(parts[i].substr(1, parts[i].size() - 5), std::move(rest));
    } else if (is_param(parts[i])) {
      params.emplace_back(parts[i].substr(1, parts[i].size() - 2), segments[i]);
    }
  }
  return params;
}

}  // namespace

std::string_view to_string(Body body) {
  switch (body) {
    case Body::none:
      return "none";
    case Body::json:
      return "json";
    case Body::streamed:
      return "streamed";
  }
  return "?";
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router::Node& Router::node_for(const std::string& path) {
  Node* node = root_.get();
  const auto parts = split_path(path);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& slot = is_rest(parts[i])    ? node->rest
                 : is_param(parts[i]) ? node->param
                                      : node->literal[parts[i]];
    FL_ASSERT(!is_rest(parts[i]) || i + 1 == parts.size());
    FL_ASSERT(is_param(parts[i]) || parts[i].find_first_of("{}") == std::string::npos);
    if (!slot) slot = std::make_unique<Node>();
    node = slot.get();
  }
  return *node;
}

void Router::add(Route route, Handler handler) {
  FL_ASSERT(handler != nullptr);
  const auto method = route.method;
  auto& methods = node_for(route.path).methods;
  entries_.push_back(std::make_unique<Entry>(Entry{std::move(route), std::move(handler), nullptr}));
  FL_ASSERT(methods.emplace(method, entries_.back().get()).second);
}

void Router::websocket(std::string path, Access access, std::string summary,
                       WebSocketHandler handler) {
  FL_ASSERT(handler != nullptr);
  Route route(Method::get, std::move(path), access, Body::none, std::move(summary));
  route.websocket = true;
  auto& methods = node_for(route.path).methods;
  entries_.push_back(std::make_unique<Entry>(Entry{std::move(route), nullptr, std::move(handler)}));
  FL_ASSERT(methods.emplace(Method::get, entries_.back().get()).second);
}

std::vector<Route> Router::rows() const {
  std::vector<Route> rows;
  rows.reserve(entries_.size());
  for (const auto& entry : entries_) rows.push_back(entry->route);
  return rows;
}

Router::Match Router::match_path(const std::vector<std::string>& segments) const {
  Match match;
  const Node* node = root_->find(segments, 0);
  if (!node) return match;
  for (const auto& [method, entry] : node->methods) match.allowed.push_back(method);
  const auto has = [&](Method method) { return node->methods.contains(method); };
  if (has(Method::get) && !has(Method::head) && !node->methods.at(Method::get)->route.websocket) {
    match.allowed.push_back(Method::head);
  }
  if (!has(Method::options)) match.allowed.push_back(Method::options);
  std::sort(match.allowed.begin(), match.allowed.end());
  return match;
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  Match match = match_path(segments);
  const Node* node = match.allowed.empty() ? nullptr : root_->find(segments, 0);
  if (!node) return match;
  auto it = node->methods.find(method);
  if (it == node->methods.end() && method == Method::head) {
    it = node->methods.find(Method::get);
    if (it != node->methods.end() && it->second->route.websocket) it = node->methods.end();
  }
  if (it == node->methods.end()) return match;
  match.entry = it->second;
  match.params = params_of(match.entry->route.path, segments);
  return match;
}

}  // namespace fl::http
