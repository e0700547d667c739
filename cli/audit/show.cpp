#include "cli/audit/show.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/audit/event_json.hpp"
#include "core/events/chain.hpp"
#include "core/ledger/replica.hpp"

namespace fl::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kReadRecords = 1024;
constexpr std::size_t kReadBytes = 16 << 20;

class Printer {
 public:
  Printer(const ShowOptions& options, std::ostream& out) : options_(options), out_(out) {}

  bool done() const { return printed_ >= options_.count; }

  Status take(const log::Record& record) {
    const auto next_event = chain_.next_event_seq;
    auto reading = events::read_record(chain_, record.offset, record.value);
    if (!reading) return fail(reading.error());
    switch (reading->verdict) {
      case events::Verdict::genesis:
        about_record(next_event, record, {{"genesis", message_json(reading->record.genesis())}});
        return {};
      case events::Verdict::fence:
        about_record(next_event, record, {{"fence", message_json(reading->record.fence())}});
        return {};
      case events::Verdict::void_record:
        about_record(next_event, record, {{"void", reading->void_reason}});
        return {};
      case events::Verdict::batch:
        return batch(record, reading->record.batch());
    }
    return {};
  }

 private:
  void about_record(std::uint64_t next_event, const log::Record& record, ordered_json what) {
    if (!options_.records || next_event < options_.from || done()) return;
    ordered_json line{{"offset", record.offset}};
    line.update(what);
    print(line);
  }

  Status batch(const log::Record& record, const pb::Batch& batch) {
    for (int i = 0; i < batch.events_size(); ++i) {
      const auto seq = batch.first_event_seq() + static_cast<std::uint64_t>(i);
      if (seq < options_.from || done()) continue;
      auto event = ledger::event_at(batch, static_cast<std::uint32_t>(i));
      if (!event) return fail(event.error());
      print({{"event_seq", seq},
             {"offset", record.offset},
             {"index", i},
             {"time", to_rfc3339(Instant{batch.time_ms()})},
             {"event", message_json(*event)}});
    }
    return {};
  }

  void print(const ordered_json& line) {
    // A name that is not UTF-8 is shown with replacements: here nothing is proven by its bytes.
    out_ << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
    ++printed_;
  }

  const ShowOptions& options_;
  std::ostream& out_;
  events::ChainState chain_;
  std::uint64_t printed_ = 0;
};

}  // namespace

Status show_events(log::LogReader& log, const ShowOptions& options, std::ostream& out) {
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  Printer printer(options, out);
  for (std::uint64_t next = 0; next < *end && !printer.done();) {
    auto records = log.read(log::Stream::ledger, 0, next, kReadRecords, kReadBytes);
    if (!records) return fail(records.error());
    if (records->empty()) return log::damaged({log::Stream::ledger, 0, next}, "it is missing");
    for (const auto& record : *records) {
      if (auto status = printer.take(record); !status) return status;
      ++next;
    }
  }
  return {};
}

Result<std::string> ledger_id_of(log::LogReader& log) {
  auto records = log.read(log::Stream::ledger, 0, 0, 1, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty()) {
    return fail(ErrorClass::unavailable, "ledger_empty", "ledger", "There is no ledger here.");
  }
  events::ChainState chain;
  auto genesis = events::read_record(chain, 0, records->front().value);
  if (!genesis) return fail(genesis.error());
  return chain.ledger_id;
}

}  // namespace fl::cli
