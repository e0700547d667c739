#pragma once

#include <string>

#include "core/log/kafka_log.hpp"
#include "tests/log/contract.hpp"

namespace fl::log {

/// A log on the broker that FANLEDGER_KAFKA names, under topics of its own. Fails the test when
/// there is no broker: `scripts/kafka run -- …` gives one.
class KafkaSubject {
 public:
  KafkaSubject();

  KafkaOptions options;
  std::unique_ptr<KafkaLog> open() const;
  /// Opens a log that must be refused; the refusal.
  Error refused(std::vector<StreamConfig> streams = contract::streams()) const;
  std::string topic(Stream stream) const { return options.prefix + to_string(stream); }
};

}  // namespace fl::log
