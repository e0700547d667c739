#include "api/http/await_callback.hpp"

#include "api/http/asio.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace {

/// Owns the suspended coroutine until it is handed back to its executor, exactly once.
template <class CoroutineHandler>
class Suspended {
 public:
  explicit Suspended(CoroutineHandler handler)
      : executor_(asio::get_associated_executor(handler)), handler_(std::move(handler)) {}
  ~Suspended() { resume(nullptr, false); }
  Suspended(const Suspended&) = delete;
  Suspended& operator=(const Suspended&) = delete;

  void resume(std::exception_ptr exception, bool called) {
    if (resumed_.exchange(true)) return;
    asio::post(executor_, [handler = std::move(handler_), exception, called]() mutable {
      handler(exception, called);
    });
  }

 private:
  asio::any_io_executor executor_;
  CoroutineHandler handler_;
  std::atomic<bool> resumed_ = false;
};

}  // namespace

asio::awaitable<bool> suspend_until(std::function<void(std::function<void()>)> start) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&,
                                          void(std::exception_ptr, bool)>(
      [](auto handler, std::function<void(std::function<void()>)> begin) {
        auto suspended = std::make_shared<Suspended<decltype(handler)>>(std::move(handler));
        try {
          begin([suspended] { suspended->resume(nullptr, true); });
        } catch (...) {
          suspended->resume(std::current_exception(), false);
        }
      },
      asio::use_awaitable, std::move(start));
}

}  // namespace fl::http
