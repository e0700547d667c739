#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.hpp"
#include "projections/txn.hpp"

namespace fl::projections {

struct LedgerEventAt;
struct ActivityEventAt;

/// A read model: a fold of events into rows. Its rows are a function of the events alone, and must
/// not depend on how far one stream was read when an event of another came.
/// `apply` may refuse (it stops the runner for good) or throw StorageError.
class Projection {
 public:
  Projection(std::string name, std::uint32_t version) : name_(std::move(name)), version_(version) {}
  virtual ~Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  const std::string& name() const { return name_; }
  /// Raise it whenever the rows that the same events give would differ: it then rebuilds itself.
  std::uint32_t version() const { return version_; }

  virtual Status apply(Txn&, const LedgerEventAt&) { return {}; }
  virtual Status apply(Txn&, const ActivityEventAt&) { return {}; }

 private:
  std::string name_;
  std::uint32_t version_;
};

}  // namespace fl::projections
