#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/nodes/forwarder.hpp"
#include "api/nodes/node_server.hpp"
#include "core/owner/command_gate.hpp"
#include "tests/support/temp_dir.hpp"

namespace fl::test {

inline constexpr std::chrono::seconds kPatience{60};  // before a test gives up: machines are slow

/// A deployment's authority, and the certificates of its nodes.
class Deployment {
 public:
  /// The folder of a certificate of this host, valid from `age` ago.
  std::filesystem::path node(const std::string& host = "127.0.0.1", Duration age = {}) const;

 private:
  TempDir dir_;
  bool made_ = make();
  mutable int nodes_ = 0;
  bool make() const;
};

/// A gate that notes what comes and says what the test tells it to. Thread-safe.
class FakeGate : public owner::CommandGate {
 public:
  /// Nothing: the answer is held back.
  using Answer = std::function<std::optional<owner::Outcome>(const pb::LedgerEvent&)>;
  struct Taken {
    pb::LedgerEvent draft;
    Deadline deadline;
  };

  explicit FakeGate(Answer answer = accept_all());
  static Answer accept_all();
  static Answer hold_all();
  static Answer refuse_all(Error error);

  void submit(ledger::Command command, owner::Reply reply, Deadline deadline) override;
  owner::LedgerHead head() const override;
  const pb::Genesis& genesis() const override { return genesis_; }
  Status health() const override;

  void say(Answer answer);  ///< from now on
  void set_health(Status health);
  void set_ledger_id(const std::string& id) { genesis_.set_ledger_id(id); }
  void on_head(std::function<void()> hook);  ///< called by each question for the head: may block

  std::vector<Taken> taken() const;
  void await_taken(std::size_t count) const;
  std::vector<owner::Reply> held();  ///< the replies held back, in the order of their commands

 private:
  pb::Genesis genesis_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Answer answer_;
  Status health_;
  std::function<void()> on_head_;
  std::vector<Taken> taken_;
  std::vector<owner::Reply> held_;
};

owner::Outcome accepted(pb::LedgerEvent event, std::uint64_t seq = 7, bool repeated = false);

/// What a node has read of the ledger, as the test says. Thread-safe.
class FakeDirectory : public nodes::OwnerDirectory {
 public:
  explicit FakeDirectory(std::string url = "");
  void set_owner(const std::string& url);

  std::string owner_url() const override;
  void on_owner_change(std::function<void()> listener) override;
  owner::LedgerHead head() const override;
  const pb::Genesis& genesis() const override { return genesis_; }

 private:
  const pb::Genesis genesis_;
  mutable std::mutex mutex_;
  std::string url_;
  std::function<void()> listener_;
};

/// Limits under which nobody is cut because the machine is slow.
nodes::LinkLimits patient();
/// Limits under which a bad peer is cut soon.
nodes::LinkLimits hasty();

/// A node that takes commands for a gate.
struct Node {
  Node(owner::CommandGate& gate, const std::filesystem::path& certificates,
       const std::string& host = "127.0.0.1", const nodes::LinkLimits& limits = patient());
  std::unique_ptr<nodes::NodeServer> server;
  std::string url;
};

std::unique_ptr<nodes::Forwarder> forward(FakeDirectory& directory,
                                          const std::filesystem::path& certificates,
                                          std::vector<std::string> nodes,
                                          std::function<void(nodes::ForwarderOptions&)> set = {});

using Pending = std::future<owner::Outcome>;

/// A second answer to it fails the test.
Pending ask(owner::CommandGate& gate, pb::LedgerEvent draft,
            owner::CommandGate::Deadline deadline = owner::CommandGate::Deadline::max());
owner::Outcome answer_of(Pending pending);
owner::CommandGate::Deadline in(std::chrono::milliseconds time);
void await(const std::function<bool()>& condition);  ///< looks again and again

/// A draft that differs by its number.
pb::LedgerEvent numbered(int number);

}  // namespace fl::test
