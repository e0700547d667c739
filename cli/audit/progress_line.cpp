#include "cli/audit/progress_line.hpp"

#include <fmt/format.h>

#include <ostream>

namespace fl::cli {

Progress::Show progress_line(Environment& env, bool quiet) {
  if (quiet || !env.err_is_terminal) return {};
  return [&err = env.err](const std::string& stage, std::uint64_t done, std::uint64_t all) {
    // A file says only at its end how many there are.
    const bool is_known = all != ~std::uint64_t{0};
    err << fmt::format("\r{:24} {:>12}{} records", stage, done,
                       is_known ? fmt::format(" of {}", all) : "");
    if (done >= all) err << "\n";
    err << std::flush;
  };
}

log::LogProgress log_progress(Progress& progress, const char* what) {
  return [&progress, what](log::Stream stream, log::PartitionIndex partition, log::Offset done,
                           log::Offset end) {
    progress.at(fmt::format("{} {}/{}", what, to_string(stream), partition), done, end);
  };
}

}  // namespace fl::cli
