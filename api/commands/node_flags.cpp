#include "api/commands/node_flags.hpp"

#include <CLI/CLI.hpp>

namespace fl::api {

void NodeFlags::add_to(CLI::App& command) {
  kafka.add_to(command, true);
  command.add_option("--roles", roles, "What this node does: some of api, owner, worker")
      ->capture_default_str();
  command.add_option("--node-listen", links.listen,
                     "ADDRESS:PORT where other nodes hand in commands (a node that may own the "
                     "ledger, on Kafka); port 0 chooses a free one");
  command.add_option("--node-port-file", links.port_file, "Write the chosen port to this file");
  command.add_option("--node-url", links.url, "tls://HOST:PORT where others reach that");
  command.add_option("--node", links.nodes,
                     "tls://HOST:PORT of a node that may own the ledger; once for each");
  command.add_option("--node-certs", links.certificates,
                     "Folder with ca.pem, node.pem, node.key (`fanledger admin nodes cert`)");
}

bool NodeFlags::linked() const {
  return !links.listen.empty() || !links.url.empty() || !links.nodes.empty() ||
         !links.certificates.empty();
}

Status NodeFlags::fill(PlatformOptions& options) const {
  auto parsed = Roles::parse(roles);
  if (!parsed) return fail(parsed.error());
  options.roles = *parsed;
  if (kafka.given()) {
    auto reached = kafka.options();
    if (!reached) return fail(reached.error());
    options.shared_log = SharedLogOptions{std::move(*reached), kafka.streams(), {}};
    if (linked()) options.shared_log->links = links;
  } else if (linked()) {
    return fail(ErrorClass::malformed, "kafka_missing", "kafka",
                "Nodes share a log on Kafka: --node… needs --kafka.");
  }
  return options.check();
}

}  // namespace fl::api
