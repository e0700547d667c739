#pragma once

namespace CLI {
class App;
}

namespace fl::api {

/// `fanledgerd serve`: runs the platform until SIGINT or SIGTERM (exit 0), or until its log cannot
/// be written (exit 1). `result` is the exit code.
void add_serve_command(CLI::App& app, int& result);

}  // namespace fl::api
