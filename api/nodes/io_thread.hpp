#pragma once

#include <signal.h>

#include <thread>

#include "api/http/asio.hpp"

namespace fl::nodes {

/// Runs until there is nothing left to do. Takes no signals: those are for the main thread.
inline std::thread io_thread(boost::asio::io_context& io) {
  return std::thread([&io] {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    io.run();
  });
}

}  // namespace fl::nodes
