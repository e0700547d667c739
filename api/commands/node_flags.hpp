#pragma once

#include <string>

#include "api/kafka_flags.hpp"
#include "api/platform_options.hpp"

namespace fl::api {

/// The options of `serve` that say what this node is among others. It must outlive the command.
struct NodeFlags {
  KafkaFlags kafka;
  std::string roles = "api,owner,worker";
  NodeLinks links;

  void add_to(CLI::App& command);
  /// Puts what was asked for into the options of a platform, and checks that it goes together.
  Status fill(PlatformOptions& options) const;

 private:
  bool linked() const;
};

}  // namespace fl::api
