#include "core/log/kafka_import.hpp"

#include "core/log/kafka_import_mark.hpp"

namespace fl::log {

struct KafkaImport::Parts {
  KafkaOptions options;
  kafka::Owned<rd_kafka_t> client;
  std::unique_ptr<KafkaLog> log;
  bool resumed = false;

  kafka::Deadline deadline() const { return kafka::after(options.open_timeout); }
};

KafkaImport::KafkaImport(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
KafkaImport::~KafkaImport() = default;

Result<std::unique_ptr<KafkaImport>> KafkaImport::begin(std::vector<StreamConfig> streams,
                                                        KafkaOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  parts->options.importing = true;
  auto client = kafka::connect(parts->options, kafka::consumer_settings());
  if (!client) return fail(client.error());
  parts->client = std::move(*client);
  const auto marked = kafka::is_marked(*parts->client, parts->options, parts->deadline());
  if (!marked) return fail(marked.error());
  parts->resumed = *marked;
  auto log = KafkaLog::open(std::move(streams), parts->options);
  if (!log) return fail(log.error());
  parts->log = std::move(*log);
  if (!parts->resumed) {
    if (auto empty = check_empty(*parts->log); !empty) return fail(empty.error());
    auto set = kafka::set_mark(*parts->client, parts->options, parts->deadline());
    if (!set) return fail(set.error());
  }
  return std::unique_ptr<KafkaImport>(new KafkaImport(std::move(parts)));
}

Log& KafkaImport::log() {
  return *parts_->log;
}

bool KafkaImport::resumed() const {
  return parts_->resumed;
}

Status KafkaImport::finish() {
  parts_->log.reset();
  return kafka::remove_mark(*parts_->client, parts_->options, parts_->deadline());
}

}  // namespace fl::log
