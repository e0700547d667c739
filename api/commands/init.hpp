#pragma once

namespace CLI {
class App;
}

namespace fl::api {

/// `fanledgerd init`: makes the data folder, its keys, and Genesis. `result` is the exit code.
void add_init_command(CLI::App& app, int& result);

}  // namespace fl::api
