#include "workers/media/source.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace fl;
using namespace fl::media;

TEST_CASE("what a file costs is its fault, and for good; what the machine does not give is not") {
  struct Row {
    const char* what;
    JailEnd end;
    int exit_code;
    ErrorClass kind;
    const char* code;
    const char* field;
  };
  const auto kFault = ErrorClass::malformed;
  const auto kAgain = ErrorClass::retry;
  const Row rows[] = {
      {"processor time", JailEnd::cpu_limit, 128 + SIGKILL, kFault, "media_too_costly", "file"},
      {"space for files", JailEnd::output_limit, -1, kFault, "media_too_costly", "file"},
      {"words", JailEnd::stdout_limit, -1, kFault, "media_too_costly", "file"},
      {"an error", JailEnd::exited, 1, kFault, "media_unreadable", "file"},
      {"the wall", JailEnd::deadline, -1, kAgain, "media_not_in_time", ""},
      {"a kill", JailEnd::killed, 128 + SIGKILL, kAgain, "media_not_in_time", ""},
      {"cancelling", JailEnd::cancelled, -1, kAgain, "media_cancelled", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    JailOutcome outcome;
    outcome.end = row.end;
    outcome.exit_code = row.exit_code;
    const auto told = explain_failure(outcome).value();
    CHECK(told.kind == row.kind);
    CHECK(told.code == row.code);
    CHECK(told.field == row.field);
    CHECK_FALSE(told.message.empty());
  }
}

TEST_CASE("what ffmpeg complains of tells a picture too large and a codec not accepted") {
  struct Row {
    const char* errors;
    const char* code;
  };
  for (const auto& row : {Row{"[png] Picture size 20000x20000 is invalid", "media_too_many_pixels"},
                          Row{"[png] Picture size 0x0 is invalid", "media_unreadable"},
                          Row{"Codec (ffv1) not on whitelist 'h264'", "media_codec_unsupported"},
                          Row{"moov atom not found", "media_unreadable"}}) {
    CAPTURE(row.errors);
    JailOutcome outcome;
    outcome.exit_code = 1;
    outcome.errors = row.errors;
    CHECK(explain_failure(outcome).value().code == row.code);
  }
}
