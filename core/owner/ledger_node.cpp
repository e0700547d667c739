#include "core/owner/ledger_node.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace fl::owner {
namespace {

constexpr std::size_t kReadRecords = 1024;
constexpr std::size_t kReadBytes = 16 << 20;
/// Time passes for patience and back-off even when nothing happens.
constexpr auto kTick = std::chrono::milliseconds(20);
constexpr auto kPause = std::chrono::milliseconds(200);

}  // namespace

void LedgerNode::LogJournal::append(Ticket ticket, const std::string& stored) {
  node_.log_.append_later(log::Stream::ledger, 0, {"", stored},
                          [&node = node_, ticket](Result<log::Offset> offset) {
                            const std::lock_guard lock(node.mutex_);
                            node.inbox_.reports.push_back({ticket, std::move(offset)});
                            node.wake_.notify_one();
                          });
}

Result<std::string> LedgerNode::LogJournal::read(log::Offset offset) {
  auto records = node_.log_.read(log::Stream::ledger, 0, offset, 1, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty() || records->front().offset != offset) {
    return fail(ErrorClass::unavailable, "log_damaged", "ledger",
                fmt::format("record {} cannot be read", offset));
  }
  return std::move(records->front().value);
}

LedgerNode::LedgerNode(log::Log& log, SnapshotStore* snapshots, const Clock& clock,
                       Candidate::Random random, CandidateOptions options)
    : log_(log),
      snapshots_(snapshots),
      journal_(*this),
      candidate_(
          journal_, clock, std::move(random), [this] { return restore(); }, std::move(options)) {}

LedgerNode::~LedgerNode() {
  stop();
}

Result<std::unique_ptr<LedgerNode>> LedgerNode::start(log::Log& log, SnapshotStore* snapshots,
                                                      const Clock& clock, Candidate::Random random,
                                                      CandidateOptions options,
                                                      const Progress& progress) {
  std::unique_ptr<LedgerNode> node(
      new LedgerNode(log, snapshots, clock, std::move(random), std::move(options)));
  if (auto begun = node->candidate_.begin(); !begun) return fail(begun.error());
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  if (*end == 0) return ledger_empty();
  if (auto read = node->catch_up(*end, progress); !read) return fail(read.error());
  node->genesis_ = node->candidate_.genesis();
  node->inbox_.end = *end;
  node->publish();
  node->thread_ = std::thread([raw = node.get()] { raw->run(); });
  return node;
}

Result<std::unique_ptr<ledger::Replica>> LedgerNode::restore() {
  auto recovered = load_snapshot(log_, snapshots_);
  if (!recovered) return fail(recovered.error());
  return std::move(recovered->replica);
}

Status LedgerNode::catch_up(log::Offset end, const Progress& progress) {
  candidate_.reached(end);
  while (candidate_.wanted() < end) {
    auto records = log_.read(log::Stream::ledger, 0, candidate_.wanted(), kReadRecords, kReadBytes);
    if (!records) return fail(records.error());
    for (const auto& record : *records) {
      if (auto taken = candidate_.take(record.offset, record.value); !taken) return taken;
      // It stepped down at this record, and wants to read from its snapshot on.
      if (candidate_.wanted() != record.offset + 1) break;
    }
    if (records->empty()) return {};
    if (progress) progress(candidate_.wanted(), end);
  }
  return {};
}

void LedgerNode::run() {
  while (true) {
    Inbox taken;
    {
      std::unique_lock lock(mutex_);
      const auto news = [&] {
        return stopping_ || !inbox_.empty() || inbox_.end > candidate_.wanted();
      };
      wake_.wait_for(lock, kTick, news);
      if (stopping_) break;
      taken = std::exchange(inbox_, Inbox{{}, {}, {}, inbox_.end});
    }
    if (auto status = work(std::move(taken)); !status) {
      if (!candidate_.health()) fail_for_good(status.error());
      if (!health()) return candidate_.stop();
      // Brokers that do not answer: what is wanted is asked for again.
      spdlog::warn(fmt::format("the ledger cannot be read: {}", status.error().message));
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kPause, [&] { return stopping_; });
    }
    publish();
  }
  std::vector<Waiting> dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(inbox_.commands);
  }
  for (auto& waiting : dropped) waiting.reply(owner_unavailable());
  candidate_.stop();
}

Status LedgerNode::work(Inbox inbox) {
  if (inbox.may_try) candidate_.may_try(*inbox.may_try);
  for (const auto& report : inbox.reports) {
    const auto told = candidate_.appended(
        report.ticket, report.offset
                           ? Result<std::optional<log::Offset>>(*report.offset)
                           : Result<std::optional<log::Offset>>(fail(report.offset.error())));
    if (!told) return told;
  }
  const auto read = catch_up(inbox.end, {});
  if (!candidate_.health()) return read;
  for (auto& waiting : inbox.commands) {
    candidate_.submit(std::move(waiting.command), std::move(waiting.reply), waiting.deadline);
  }
  if (auto stepped = candidate_.step(std::chrono::steady_clock::now()); !stepped) return stepped;
  if (candidate_.snapshot_ready()) {
    // A disk that takes no snapshot will not take what comes after it either.
    if (auto saved = save_snapshot(); !saved) {
      fail_for_good(saved.error());
      return saved;
    }
  }
  return read;
}

Status LedgerNode::save_snapshot() {
  if (snapshots_ != nullptr) {
    auto& replica = candidate_.replica();
    if (auto saved = snapshots_->save(replica.state(), replica.chain(), candidate_.last_record());
        !saved) {
      return saved;
    }
  }
  candidate_.snapshot_saved();
  return {};
}

void LedgerNode::submit(ledger::Command command, Reply reply, Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (health_ && !stopping_ && ownership_.is_here) {
      inbox_.commands.push_back({std::move(command), std::move(reply), deadline});
      wake_.notify_one();
      return;
    }
  }
  reply(owner_unavailable());
}

void LedgerNode::may_try(bool may) {
  const std::lock_guard lock(mutex_);
  inbox_.may_try = may;
  wake_.notify_one();
}

void LedgerNode::notify(log::Offset end) {
  const std::lock_guard lock(mutex_);
  inbox_.end = std::max(inbox_.end, end);
  wake_.notify_one();
}

void LedgerNode::publish() {
  const Ownership now{candidate_.owner(), candidate_.chain().epoch,
                      candidate_.phase() == Candidate::Phase::serving};
  {
    const std::lock_guard lock(mutex_);
    head_ = candidate_.head();
    if (now.is_here == ownership_.is_here && now.epoch == ownership_.epoch) return;
    ownership_ = now;
  }
  const std::lock_guard lock(listener_mutex_);
  if (ownership_listener_) ownership_listener_(now);
}

LedgerHead LedgerNode::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

Status LedgerNode::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

Ownership LedgerNode::ownership() const {
  const std::lock_guard lock(mutex_);
  return ownership_;
}

void LedgerNode::on_ownership(std::function<void(const Ownership&)> listener) {
  const std::lock_guard lock(listener_mutex_);
  ownership_listener_ = std::move(listener);
}

void LedgerNode::on_failure(std::function<void(const Error&)> listener) {
  const std::lock_guard lock(mutex_);
  failure_listener_ = std::move(listener);
}

void LedgerNode::fail_for_good(const Error& error) {
  std::vector<Waiting> dropped;
  std::function<void(const Error&)> listener;
  {
    const std::lock_guard lock(mutex_);
    if (!health_) return;
    health_ = fail(error);
    ownership_.is_here = false;
    dropped.swap(inbox_.commands);
    listener = failure_listener_;
  }
  spdlog::critical(fmt::format("the ledger cannot be followed: {}", error.message));
  for (auto& waiting : dropped) waiting.reply(owner_unavailable());
  if (listener) listener(error);
}

void LedgerNode::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace fl::owner
