#pragma once

#include <memory>
#include <mutex>
#include <set>

namespace fl::api {

/// What is under way on this node: of one id one thing at a time. Thread-safe.
template <class IdType>
class Turns {
 public:
  /// Lets the next begin when it ends.
  class Turn {
   public:
    Turn(Turns& of, const IdType& id) : of_(of), id_(id) {}
    ~Turn() { of_.end(id_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turns& of_;
    const IdType id_;
  };

  /// Nothing while another has its turn.
  std::unique_ptr<Turn> begin(const IdType& id) {
    std::lock_guard lock(mutex_);
    if (!under_way_.insert(id).second) return nullptr;
    return std::make_unique<Turn>(*this, id);
  }

 private:
  void end(const IdType& id) {
    std::lock_guard lock(mutex_);
    under_way_.erase(id);
  }

  std::mutex mutex_;
  std::set<IdType> under_way_;
};

}  // namespace fl::api
