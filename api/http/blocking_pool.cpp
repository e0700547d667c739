#include "api/http/blocking_pool.hpp"

#include <csignal>

#include "core/base/assert.hpp"

namespace fl::http {

BlockingPool::BlockingPool(unsigned threads, std::size_t queue) : queue_limit_(queue) {
  FL_ASSERT(threads > 0);
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

BlockingPool::~BlockingPool() {
  stop();
}

void BlockingPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool BlockingPool::submit(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void BlockingPool::serve() {
  sigset_t all;  // sendfile(2) to a client that is gone raises SIGPIPE; others are for main
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

Failure BlockingPool::busy() {
  return fail(ErrorClass::retry, "busy", "", "The server is busy; try again shortly.");
}

}  // namespace fl::http
