#pragma once

#include <memory>
#include <vector>

#include "core/log/kafka_log.hpp"
#include "core/log/log_import.hpp"

namespace fl::log {

/// An import into the log on Kafka: the mark beside its topics (kafka_import_mark.hpp) keeps every
/// other reader and writer away until its end.
class KafkaImport : public LogImport {
 public:
  /// Makes the topics that are missing. Errors: conflict `log_not_empty`; as `KafkaLog::open`.
  static Result<std::unique_ptr<KafkaImport>> begin(std::vector<StreamConfig> streams,
                                                    KafkaOptions options);
  ~KafkaImport() override;

  Log& log() override;
  bool resumed() const override;
  Status finish() override;

 private:
  struct Parts;
  explicit KafkaImport(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fl::log
