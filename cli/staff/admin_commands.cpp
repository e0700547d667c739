#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/error_text.hpp"
#include "cli/key_file.hpp"
#include "cli/nodes/nodes_commands.hpp"
#include "cli/staff/staff_session.hpp"
#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

struct KeyOptions {
  std::string file;
  bool force = false;
  bool json = false;
};

void print_key(Environment& env, const KeyOptions& options, const PublicKey& key,
               const std::string& secret_file) {
  if (options.json) {
    nlohmann::ordered_json out{{"key", key.id().str()}, {"public_key", to_hex(key.bytes)}};
    if (!secret_file.empty()) {
      out["secret_file"] = secret_file;
      out["public_file"] = secret_file + ".pub";
    }
    env.out << out.dump(2) << "\n";
    return;
  }
  env.out << "Key id: " << key.id().str() << "\nPublic key: " << to_hex(key.bytes) << "\n";
  if (!secret_file.empty()) {
    env.out << "The secret is in " << secret_file << " (keep it), the public key in " << secret_file
            << ".pub (give it to an admin).\n";
  }
}

void add_key_create(CLI::App& key, Environment& env, Action& chosen) {
  auto* command = add_command(key, "create", "Make a staff key: FILE (secret) and FILE.pub.",
                              "fanledger admin key create ana.key");
  auto options = std::make_shared<KeyOptions>();
  command->add_option("FILE", options->file, "Where the secret goes")->required();
  command->add_flag("--force", options->force, "Overwrite: the old key is then lost");
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] {
      auto created = create_key_files(options->file, options->force);
      if (!created) return report(created.error(), env.err);
      print_key(env, *options, *created, options->file);
      return ExitCode::ok;
    };
  });
}

void add_key_show(CLI::App& key, Environment& env, Action& chosen) {
  auto* command = add_command(key, "show", "Print the id of a public key.",
                              "fanledger admin key show ana.key.pub");
  auto options = std::make_shared<KeyOptions>();
  command->add_option("FILE.pub", options->file, "The file of the public key")->required();
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->callback([&env, &chosen, options] {
    chosen = [&env, options] {
      auto found = read_public_key(options->file);
      if (!found) return report(found.error(), env.err);
      print_key(env, *options, *found, "");
      return ExitCode::ok;
    };
  });
}

struct NewStaff {
  std::string name;
  std::string role;
  std::string public_key_file;
};

void add_staff_add(CLI::App& staff, Environment& env, Action& chosen) {
  auto* command = add_command(
      staff, "add", "Make somebody staff, by their public key.",
      "fanledger admin staff add --name Ana --role finance --public-key ana.key.pub --key "
      "admin.key");
  auto member = std::make_shared<NewStaff>();
  command->add_option("--name", member->name, "Who it is, for auditors")->required();
  command->add_option("--role", member->role, "verifier, finance, auditor, support or admin")
      ->required();
  command->add_option("--public-key", member->public_key_file, "FILE.pub")->required();
  auto options = add_staff_options(*command, false);
  command->callback([&env, &chosen, member, options] {
    chosen = [&env, member, options] {
      auto role = read_role(member->role);
      if (!role) return report(role.error(), env.err);
      auto key = read_public_key(member->public_key_file);
      if (!key) return report(key.error(), env.err);
      return run_staff_command(
          env, *options, [&](Platform&, const PlatformHead&, pb::StaffCommand& order) {
            auto& body = *order.mutable_add_staff_key();
            body.set_public_key(key->bytes);
            body.set_role(*role);
            body.set_name(member->name);
            return Result<std::string>(
                fmt::format("add {} as {} with {}", member->name, member->role, key->id().str()));
          });
    };
  });
}

void add_staff_revoke(CLI::App& staff, Environment& env, Action& chosen) {
  auto* command =
      add_command(staff, "revoke", "Revoke a staff key: it signs nothing more.",
                  "fanledger admin staff revoke key_0a1b… --reason \"left\" --key admin.key");
  auto id = std::make_shared<std::string>();
  command->add_option("KEY_ID", *id, "The key")->required();
  auto options = add_staff_options(*command, false);
  command->callback([&env, &chosen, id, options] {
    chosen = [&env, id, options] {
      const auto key = KeyId::parse(*id);
      if (!key) {
        return report({ErrorClass::malformed, "key_id_malformed", "KEY_ID",
                       "A key id is key_ and 26 characters, as `admin key show` prints it."},
                      env.err);
      }
      return run_staff_command(env, *options,
                               [&](Platform&, const PlatformHead&, pb::StaffCommand& order) {
                                 order.mutable_revoke_staff_key()->set_key(key->raw());
                                 return Result<std::string>("revoke " + key->str());
                               });
    };
  });
}

}  // namespace

void add_admin_commands(CLI::App& app, Environment& env, Action& chosen) {
  auto* admin = add_group(app, "admin", "Keys, who is staff, and which nodes there are");
  auto* key = add_group(*admin, "key", "Your own signing keys, in files");
  add_key_create(*key, env, chosen);
  add_key_show(*key, env, chosen);
  auto* staff = add_group(*admin, "staff", "Staff keys of the platform");
  add_staff_add(*staff, env, chosen);
  add_staff_revoke(*staff, env, chosen);
  add_nodes_commands(*admin, env, chosen);
}

}  // namespace fl::cli
