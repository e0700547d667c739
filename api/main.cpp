#include <CLI/CLI.hpp>

#include "api/commands/init.hpp"
#include "api/commands/serve.hpp"

int main(int argc, char** argv) {
  CLI::App app{"fanledgerd: the server of a fanledger platform"};
  app.require_subcommand(1);
  app.footer(
      "Example:\n"
      "  fanledger admin key create admin.key\n"
      "  fanledgerd init --data ./data --admin-key admin.key.pub\n"
      "  fanledgerd serve --data ./data --listen 127.0.0.1:8080");
  int result = 0;
  fl::api::add_init_command(app, result);
  fl::api::add_serve_command(app, result);
  CLI11_PARSE(app, argc, argv);
  return result;
}
