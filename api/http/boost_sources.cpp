// The parts of Asio and Beast that are not templates, compiled here once and not in every file.
#include "api/http/asio.hpp"
//
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
