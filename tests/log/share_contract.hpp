#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/log/work_share.hpp"

namespace fl::log::contract {

/// What an implementation of shares brings to the suite. The log is that of contract.hpp.
struct ShareSubject {
  /// Opens the log over the same storage, new at first; the one opened before is gone by then.
  std::function<std::unique_ptr<Log>()> open;

  /// The following only where a group can have several members.
  /// A member, over these streams, of which the others can lose sight.
  std::function<std::unique_ptr<WorkShare>(Log&, std::string_view group,
                                           const std::vector<Stream>& streams)>
      join_doomed;
  std::function<void(std::unique_ptr<WorkShare>)> kill;  ///< ends a doomed one without a goodbye
  std::function<void(WorkShare&)> put_to_sleep;          ///< a doomed one, until the next:
  /// What comes of a commit that is the first thing that it does when it wakes.
  std::function<Status(WorkShare&, const Held&, Offset)> commit_on_waking;
};

/// A rule that every share keeps: a fact, and the check of it on a fresh subject (doctest's).
struct ShareRule {
  const char* fact;
  bool of_several;  ///< whether it is about several members
  std::function<void(const ShareSubject&)> check;
};
std::vector<ShareRule> share_rules();

}  // namespace fl::log::contract
