#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/http/await_callback.hpp"
#include "api/http/awaitable.hpp"
#include "core/base/error.hpp"

namespace fl::http {

template <class R>
struct PoolResult {
  using type = Result<R>;
};
template <class T>
struct PoolResult<Result<T>> {
  using type = Result<T>;
};

/// A few threads for work that blocks (disk, password hashing), with a bounded queue. Thread-safe.
/// Its threads take no signals.
class BlockingPool {
 public:
  BlockingPool(unsigned threads, std::size_t queue);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  void stop();  ///< runs what is queued, refuses more, joins; idempotent, from one thread
  bool submit(std::function<void()> job);  ///< false: the queue is full, or the pool is stopping

  /// Runs `work` on the pool and resumes on the caller's executor. Yields Result<R> for an R, and
  /// the same Result for a Result. A full queue is `retry`, code `busy`. What `work` throws is
  /// thrown here.
  template <class F, class R = std::invoke_result_t<F>>
  boost::asio::awaitable<typename PoolResult<R>::type> run(F work) {
    using Outcome = typename PoolResult<R>::type;
    struct Job {
      explicit Job(F f) : work(std::move(f)) {}
      F work;
      std::optional<Outcome> outcome;
      std::exception_ptr exception;
    };
    auto job = std::make_shared<Job>(std::move(work));
    std::function<void(std::function<void()>)> start = [this, job](std::function<void()> resume) {
      const bool queued = submit([job, resume] {
        try {
          if constexpr (std::is_void_v<R>) {
            job->work();
            job->outcome.emplace();
          } else {
            job->outcome.emplace(job->work());
          }
        } catch (...) {
          job->exception = std::current_exception();
        }
        resume();
      });
      if (queued) return;
      job->outcome.emplace(busy());
      resume();
    };
    co_await suspend_until(std::move(start));
    if (job->exception) std::rethrow_exception(job->exception);
    if (!job->outcome) co_return busy();
    co_return std::move(*job->outcome);
  }

 private:
  static Failure busy();
  void serve();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fl::http
