#pragma once

#include "api/http/awaitable.hpp"
//
#include <boost/asio.hpp>
