#include "cli/nodes/nodes_commands.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/error_text.hpp"
#include "cli/nodes/authority.hpp"

namespace fl::cli {
namespace {

struct AuthorityOptions {
  std::string directory;
  bool json = false;
};

struct CertificateOptions {
  std::string authority;
  CertificateOrder order;
  std::string directory;
  bool json = false;
};

void print_issued(Environment& env, const Issued& issued, bool json, const char* keep) {
  if (json) {
    const nlohmann::ordered_json out{{"certificate", issued.certificate.string()},
                                     {"key", issued.key.string()},
                                     {"sha256", issued.fingerprint},
                                     {"expires", to_rfc3339(issued.expires)}};
    env.out << out.dump(2) << "\n";
    return;
  }
  env.out << "Certificate: " << issued.certificate.string()
          << "\nSecret key: " << issued.key.string() << "\nSHA-256: " << issued.fingerprint
          << "\nValid until: " << to_rfc3339(issued.expires) << "\n"
          << keep << "\n";
}

void add_authority(CLI::App& nodes, Environment& env, Action& chosen) {
  auto* command = add_command(
      nodes, "ca",
      "Make the private authority of a deployment: ca.pem and ca.key, valid for ten years.",
      "fanledger admin nodes ca authority");
  auto options = std::make_shared<AuthorityOptions>();
  command->add_option("DIR", options->directory, "The folder; nothing in it is overwritten")
      ->required();
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] {
      const auto made = create_authority(options->directory, env.now());
      if (!made) return report(made.error(), env.err);
      print_issued(env, *made, options->json,
                   "Whoever has the key can join the deployment: keep it off the nodes.");
      return ExitCode::ok;
    };
  });
}

void add_certificate(CLI::App& nodes, Environment& env, Action& chosen) {
  auto* command =
      add_command(nodes, "cert",
                  "Make the certificate of a node: node.pem, node.key and a copy of ca.pem, the "
                  "folder of fanledgerd --node-certs.",
                  "fanledger admin nodes cert --ca authority --host node-1.example --host 10.0.0.7 "
                  "node-1");
  auto options = std::make_shared<CertificateOptions>();
  command->add_option("--ca", options->authority, "The folder of ca.pem and ca.key")->required();
  command
      ->add_option("--host", options->order.hosts,
                   "A name or an IP address by which others call the node; as often as it has some")
      ->required()
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--days", options->order.days, "How long it is valid")->capture_default_str();
  command->add_option("OUT_DIR", options->directory, "A folder of its own; nothing is overwritten")
      ->required();
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] {
      const auto made =
          issue_certificate(options->authority, options->order, options->directory, env.now());
      if (!made) return report(made.error(), env.err);
      print_issued(env, *made, options->json,
                   "Bring the folder to the node, and to no other: the key is its own.");
      return ExitCode::ok;
    };
  });
}

}  // namespace

void add_nodes_commands(CLI::App& admin, Environment& env, Action& chosen) {
  auto* nodes = add_group(admin, "nodes", "Certificates by which nodes know one another");
  add_authority(*nodes, env, chosen);
  add_certificate(*nodes, env, chosen);
}

}  // namespace fl::cli
