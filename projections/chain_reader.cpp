#include "projections/chain_reader.hpp"

#include "core/events/chain.hpp"

namespace fl::projections {
namespace {

class ChainReader : public LedgerReader {
 public:
  explicit ChainReader(events::ChainState chain) : chain_(std::move(chain)) {}

  Result<std::vector<LedgerEventAt>> read(log::Offset offset, std::string_view stored) override {
    auto reading = events::read_record(chain_, offset, stored);
    if (!reading) return fail(reading.error());
    std::vector<LedgerEventAt> out;
    if (reading->verdict != events::Verdict::batch) return out;
    const auto& batch = reading->record.batch();
    out.reserve(static_cast<std::size_t>(batch.events_size()));
    for (int i = 0; i < batch.events_size(); ++i) {
      LedgerEventAt at;
      at.event_seq = batch.first_event_seq() + static_cast<std::uint64_t>(i);
      at.offset = offset;
      at.index = static_cast<std::uint32_t>(i);
      at.time_ms = batch.time_ms();
      if (auto status = events::decode(batch.events(i), at.event); !status) {
        return fail(status.error());
      }
      out.push_back(std::move(at));
    }
    return out;
  }

  std::string state() const override { return chain_.encode(); }

 private:
  events::ChainState chain_;
};

}  // namespace

Result<std::unique_ptr<LedgerReader>> open_chain_reader(std::string_view state) {
  if (state.empty()) return std::unique_ptr<LedgerReader>(new ChainReader({}));
  auto chain = events::ChainState::decode(state);
  if (!chain) {
    return fail(ErrorClass::unavailable, "position_unreadable", "",
                "The position of a read model cannot be read: remove the views folder.");
  }
  return std::unique_ptr<LedgerReader>(new ChainReader(std::move(*chain)));
}

}  // namespace fl::projections
