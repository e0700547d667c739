#include "core/log/kafka_import_mark.hpp"

#include <fmt/format.h>

#include "core/log/kafka_admin.hpp"

namespace fl::log::kafka {

std::string import_mark(const KafkaOptions& options) {
  return options.prefix + "import";
}

Result<bool> is_marked(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline) {
  const auto found = describe(client, import_mark(options), deadline);
  if (!found) return fail(found.error());
  return found->has_value();
}

Status check_unmarked(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline) {
  const auto marked = is_marked(client, options, deadline);
  if (!marked) return fail(marked.error());
  if (!*marked) return {};
  return fail(ErrorClass::conflict, "import_unfinished", import_mark(options),
              fmt::format("An import into the topics {}* was not finished, as the topic {} shows: "
                          "import the same file again, or delete these topics and begin anew.",
                          options.prefix, import_mark(options)));
}

Status set_mark(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline) {
  return create(client, import_mark(options), {1, options.replication}, {}, deadline);
}

Status remove_mark(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline) {
  return remove(client, import_mark(options), deadline);
}

}  // namespace fl::log::kafka
