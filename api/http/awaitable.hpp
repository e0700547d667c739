#pragma once

// GCC 12 and Boost 1.74: Asio's coroutine headers use std::exchange without including it.
#include <utility>
//
#include <boost/asio/awaitable.hpp>
