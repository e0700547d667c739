#include "cli/audit/chain_reader.hpp"

#include "core/events/chain.hpp"
#include "core/ledger/replica.hpp"

namespace fl::cli {
namespace {

class ChainReader : public projections::LedgerReader {
 public:
  explicit ChainReader(events::ChainState chain) : chain_(std::move(chain)) {}

  Result<std::vector<projections::LedgerEventAt>> read(log::Offset offset,
                                                       std::string_view stored) override {
    auto reading = events::read_record(chain_, offset, stored);
    if (!reading) return fail(reading.error());
    std::vector<projections::LedgerEventAt> out;
    const auto& batch = reading->record.batch();
    for (int i = 0; i < batch.events_size(); ++i) {
      const auto index = static_cast<std::uint32_t>(i);
      auto event = ledger::event_at(batch, index);
      if (!event) return fail(event.error());
      out.push_back(
          {batch.first_event_seq() + index, offset, index, batch.time_ms(), std::move(*event)});
    }
    return out;
  }

  std::string state() const override { return chain_.encode(); }

 private:
  events::ChainState chain_;
};

}  // namespace

projections::OpenLedgerReader chain_reader() {
  return [](std::string_view state) -> Result<std::unique_ptr<projections::LedgerReader>> {
    if (state.empty()) return std::make_unique<ChainReader>(events::ChainState{});
    auto chain = events::ChainState::decode(state);
    if (!chain) {
      return fail(ErrorClass::unavailable, "chain_state_unreadable", "",
                  "The kept state of the chain cannot be read.");
    }
    return std::make_unique<ChainReader>(std::move(*chain));
  };
}

}  // namespace fl::cli
