#include "tests/simulation/coverage.hpp"

#include <fmt/format.h>

namespace fl::sim {

const char* to_string(Happened what) {
  switch (what) {
    case Happened::command:
      return "commands submitted";
    case Happened::success:
      return "answered: carried out";
    case Happened::repetition:
      return "answered: carried out before";
    case Happened::refusal:
      return "answered: refused by the rules";
    case Happened::key_reused:
      return "answered: the id stands for another command";
    case Happened::unknown:
      return "answered: outcome unknown";
    case Happened::unavailable:
      return "answered: not taken";
    case Happened::deadline_passed:
      return "answered: deadline passed";
    case Happened::clock_jumped:
      return "answered: clock jumped";
    case Happened::read_failed:
      return "answered: a record cannot be read again";
    case Happened::retried_after_unknown:
      return "sent again for want of an answer to rest on";
    case Happened::append:
      return "appends sent";
    case Happened::batch_valid:
      return "valid batches";
    case Happened::batch_void:
      return "void batches";
    case Happened::batch_of_refusals:
      return "batches of refusals alone";
    case Happened::fence_valid:
      return "takeovers (valid fences)";
    case Happened::fence_void:
      return "void fences";
    case Happened::fence_own_but_given_up:
      return "fences valid after their sender gave them up";
    case Happened::pipelined:
      return "batches sent behind two or more in flight";
    case Happened::step_down:
      return "step-downs";
    case Happened::two_serve:
      return "takeovers while another believes that it serves";
    case Happened::success_after_step_down:
      return "successes told after stepping down";
    case Happened::refusal_after_step_down:
      return "refusals told after stepping down";
    case Happened::snapshot:
      return "snapshots";
    case Happened::refold_from_snapshot:
      return "state folded anew from a snapshot";
    case Happened::dropped:
      return "appends dropped";
    case Happened::overtook_dropped:
      return "appends landed after one before was dropped";
    case Happened::duplicated:
      return "appends duplicated";
    case Happened::landed_after_recreation:
      return "landed after their producer was recreated";
    case Happened::landed_after_crash:
      return "landed after their process crashed";
    case Happened::report_lost:
      return "reports lost";
    case Happened::report_error_before_landing:
      return "errors reported before the record landed or was dropped";
    case Happened::report_error_after_landing:
      return "errors reported of records that had landed";
    case Happened::report_without_offset:
      return "reports without an offset";
    case Happened::report_before_read:
      return "reports before the record was read";
    case Happened::stranger:
      return "strangers' records";
    case Happened::stale_end:
      return "stale ends of the log told";
    case Happened::crash:
      return "crashes";
    case Happened::restart_from_snapshot:
      return "restarts from a snapshot";
    case Happened::restart_from_nothing:
      return "restarts from nothing";
    case Happened::paused:
      return "pauses";
    case Happened::woke_up_deposed:
      return "woke up serving when another had taken over";
    case Happened::several_may_try:
      return "times when several might try";
    case Happened::none_may_try:
      return "times when none might try";
    case Happened::clock_set:
      return "clocks set";
    case Happened::count:
      break;
  }
  return "";
}

std::string Coverage::report() const {
  std::string out;
  for (std::size_t i = 0; i < kHappenings; ++i) {
    out += fmt::format("{:>10}  {}\n", counts_[i], to_string(static_cast<Happened>(i)));
  }
  return out;
}

}  // namespace fl::sim
