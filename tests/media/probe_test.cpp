#include "workers/media/probe.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace fl;
using namespace fl::media;

namespace {

std::string video(const std::string& stream, const std::string& format = R"("duration":"10.0")") {
  return R"({"streams":[{"index":0,"codec_type":"data"},{"index":3,"codec_type":"video",)" +
         stream + R"(}],"format":{)" + format + "}}";
}
const std::string kPlain =
    R"("codec_name":"h264","width":640,"height":360,"avg_frame_rate":"30/1","duration":"9.5")";

}  // namespace

TEST_CASE(
    "a description is read with its rotation, the shape of its pixels, and its stream numbers") {
  const auto plain = read_probe(video(kPlain), MediaKind::video, {});
  REQUIRE(plain.has_value());
  CHECK(plain->info.width == 640);
  CHECK(plain->info.duration_ms == 10'000);
  CHECK(plain->video_duration_ms == 9'500);
  CHECK(plain->video_stream == 3);
  CHECK(plain->audio_stream == -1);
  const auto turned =
      read_probe(video(kPlain + R"(,"side_data_list":[{"side_data_type":"x"},{"rotation":-90}])"),
                 MediaKind::video, {});
  CHECK(turned->info.width == 360);
  const auto wide =
      read_probe(video(kPlain + R"(,"sample_aspect_ratio":"4:3")"), MediaKind::video, {});
  CHECK(wide->info.width == 853);
  const auto tagged =
      read_probe(video(R"("codec_name":"vp9","width":640,"height":360,"avg_frame_rate":"0/0",)"
                       R"("r_frame_rate":"25/1","tags":{"DURATION":"00:01:02.500000000"})",
                       ""),
                 MediaKind::video, {});
  REQUIRE(tagged.has_value());
  CHECK(tagged->info.duration_ms == 62'500);
  CHECK(tagged->info.frame_rate == Ratio{25, 1});
}

TEST_CASE("a description that lacks or overstates something is refused by name") {
  struct Row {
    std::string json;
    const char* code;
  };
  const auto with = [](const std::string& width, const std::string& rate,
                       const std::string& duration, const std::string& more = "") {
    return video(R"("codec_name":"h264","width":)" + width + R"(,"height":360,"avg_frame_rate":")" +
                     rate + "\"" + more,
                 R"("duration":")" + duration + "\"");
  };
  const Row rows[] = {
      {"", "media_unreadable"},
      {"[]", "media_unreadable"},
      {R"({"streams":[]})", "media_unreadable"},
      {R"({"streams":[7]})", "media_no_video"},
      {R"({"streams":[{"codec_type":"video","disposition":{"attached_pic":1}}]})",
       "media_no_video"},
      {video(R"("codec_name":"ansi")"), "media_codec_unsupported"},
      {with("0", "30/1", "1"), "media_unreadable"},
      {with("\"640\"", "30/1", "1"), "media_unreadable"},
      {with("-640", "30/1", "1"), "media_unreadable"},
      {with("9223372036854775807", "30/1", "1"), "media_too_many_pixels"},
      {with("1e300", "30/1", "1"), "media_unreadable"},
      {with("8194", "30/1", "1"), "media_sides_out_of_range"},
      {with("640", "30/1", "1", R"(,"sample_aspect_ratio":"4294967295:1")"),
       "media_sides_out_of_range"},
      {with("640", "121/1", "1"), "media_frame_rate_out_of_range"},
      {with("640", "0/0", "1"), "media_frame_rate_out_of_range"},
      {with("640", "30", "1"), "media_frame_rate_out_of_range"},
      {with("640", "30/1", ""), "media_duration_out_of_range"},
      {with("640", "30/1", "nan"), "media_duration_out_of_range"},
      {with("640", "30/1", "-1"), "media_duration_out_of_range"},
      {with("640", "30/1", "1e300"), "media_duration_out_of_range"},
      {with("640", "30/1", "14401"), "media_duration_out_of_range"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.json);
    const auto read = read_probe(row.json, MediaKind::video, {});
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == row.code);
    CHECK(read.error().field == "file");
  }
  CHECK(read_probe(video(kPlain), MediaKind::photo, {}).error().code == "media_codec_unsupported");
}
