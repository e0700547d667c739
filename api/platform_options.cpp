#include "api/platform_options.hpp"

#include <algorithm>

namespace fl::api {
namespace {

Failure wrong(const char* code, const char* field, const char* message) {
  return fail(ErrorClass::malformed, code, field, message);
}

}  // namespace

Result<Roles> Roles::parse(const std::string& text) {
  Roles roles{false, false, false};
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(',', from), text.size());
    const auto name = text.substr(from, to - from);
    bool* role = name == "api"      ? &roles.api
                 : name == "owner"  ? &roles.owner
                 : name == "worker" ? &roles.worker
                                    : nullptr;
    if (role == nullptr || *role) {
      return wrong("roles_malformed", "roles",
                   "--roles names some of api, owner and worker, each once, with commas between.");
    }
    *role = true;
    from = to + 1;
  }
  return roles;
}

Status PlatformOptions::check() const {
  if (!shared_log) {
    if (roles.owner) return {};
    return wrong("role_missing", "roles",
                 "An embedded log has one node, which owns the ledger: --roles must name owner.");
  }
  if (!shared_log->links) {
    if (roles.owner) return {};
    return wrong("node_certs_missing", "node-certs",
                 "A node that does not own the ledger hands commands to one that does: it needs "
                 "--node-certs and --node.");
  }
  const auto& links = *shared_log->links;
  if (links.certificates.empty()) {
    return wrong("node_certs_missing", "node-certs",
                 "Nodes show each other certificates: make them with `fanledger admin nodes`.");
  }
  if (links.nodes.empty()) {
    return wrong("node_missing", "node", "--node names the nodes that may own the ledger.");
  }
  if (!roles.owner) return {};
  if (links.listen.empty()) {
    return wrong("node_listen_missing", "node-listen",
                 "A node that may own the ledger takes commands of others: it needs --node-listen.");
  }
  if (std::ranges::find(links.nodes, links.url) == links.nodes.end()) {
    return wrong("node_url_not_listed", "node-url",
                 "--node-url must be one of the addresses that --node names: others do not send "
                 "commands anywhere else.");
  }
  return {};
}

}  // namespace fl::api
