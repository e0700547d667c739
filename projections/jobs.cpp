#include "projections/jobs.hpp"

#include "projections/events_at.hpp"
#include "projections/row_key.hpp"
#include "projections/seen_ids.hpp"

namespace fl::projections {
namespace {

using activity::JobRow;

// 'j' job            → JobRow
// 'd' partition id   → SeenRow
RowKey job_key(const JobId& id) {
  return RowKey('j').id(id);
}

template <class Body>
void change(Txn& txn, const activity::Act& act, const Body& body) {
  const auto key = job_key(JobId::from_raw(body.job()));
  auto row = decoded(txn.get(key), activity::decode_job, txn.projection()).value_or(JobRow{});
  if (fold(row, act, body) == activity::Verdict::applied) txn.put(key, encode(row));
}

}  // namespace

Status Jobs::apply(Txn& txn, const ActivityEventAt& at) {
  const auto& event = at.event;
  if (!event.has_job_claimed() && !event.has_job_ended()) return {};
  const auto act = activity::act_of(event, at.partition, at.offset);
  if (!activity::well_formed(event) || seen_before(txn, act)) return {};
  if (event.has_job_claimed()) change(txn, act, event.job_claimed());
  if (event.has_job_ended()) change(txn, act, event.job_ended());
  return {};
}

JobRow Jobs::job(const View& view, const JobId& id) const {
  return decoded(view.get(name(), job_key(id)), activity::decode_job, name()).value_or(JobRow{});
}

}  // namespace fl::projections
