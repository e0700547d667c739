#include "workers/media/playlist.hpp"

#include <doctest/doctest.h>

#include "tests/media/sample_manifest.hpp"

using namespace fl;
using namespace fl::media;

TEST_CASE("a master playlist states measured rates, codecs, sides and the shared sound") {
  const auto manifest = test::sample_video();
  const auto text =
      master_playlist(manifest, [](const Track& track) { return "t/" + track.name + "?s=1"; });
  const auto both = [&](std::size_t i) {
    return std::to_string(manifest.renditions[i].track.bandwidth + manifest.audio->bandwidth) +
           ",AVERAGE-BANDWIDTH=" +
           std::to_string(manifest.renditions[i].track.average_bandwidth +
                          manifest.audio->average_bandwidth);
  };
  CHECK(text ==
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"2\",URI=\"t/audio?s=1\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=" +
            both(0) +
            ",CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=29.970,"
            "AUDIO=\"audio\"\nt/360?s=1\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=" +
            both(1) +
            ",CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970,"
            "AUDIO=\"audio\"\nt/720?s=1\n");
}

TEST_CASE("a media playlist gives each segment an address of its own, and no byte ranges") {
  const auto track = test::sample_track("360", "avc1.64001e");
  const auto text = media_playlist(
      track, [](const SegmentName& name) { return name.track.name + "/" + name.file() + "?k=v"; });
  CHECK(text ==
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-MAP:URI=\"360/init.mp4?k=v\"\n"
        "#EXTINF:2.000000,\n360/0.m4s?k=v\n#EXTINF:2.000000,\n360/1.m4s?k=v\n"
        "#EXTINF:1.300000,\n360/2.m4s?k=v\n#EXT-X-ENDLIST\n");
}

TEST_CASE("a segment is found by the one spelling of its name") {
  const auto track = test::sample_track("360", "avc1.64001e");
  CHECK(find_segment(track, "init.mp4") == track.init);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto range = find_segment(track, SegmentName{track, i}.file());
    CHECK(range == ByteRange{track.segments[i].offset, track.segments[i].size});
  }
  for (const char* name : {"", "3.m4s", "00.m4s", "0", ".m4s", "0.m4s ", "-1.m4s", "0.mp4",
                           "../init.mp4", "18446744073709551616.m4s", "4294967296.m4s"}) {
    CAPTURE(name);
    CHECK_FALSE(find_segment(track, name).has_value());
  }
  const auto manifest = test::sample_video();
  CHECK(find_track(manifest, "720") == &manifest.renditions[1].track);
  CHECK(find_track(manifest, "audio") == &*manifest.audio);
  CHECK(find_track(manifest, "1080") == nullptr);
}
