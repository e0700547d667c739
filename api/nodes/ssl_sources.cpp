// The parts of Asio's TLS that are not templates; the rest of Asio is in
// api/http/boost_sources.cpp.
#include "api/http/asio.hpp"
//
#include <boost/asio/ssl/impl/src.hpp>
