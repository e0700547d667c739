#include "core/activity/uploads.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::UploadRow;
using activity::Verdict;

namespace {

pb::UploadStarted start(std::int64_t size) {
  pb::UploadStarted body;
  body.set_size(size);
  *body.mutable_file_name() = sealed("holiday.mp4");
  return body;
}
pb::UploadChunk chunk(std::int64_t offset, std::int64_t size) {
  pb::UploadChunk body;
  body.set_offset(offset);
  body.set_size(size);
  return body;
}
pb::UploadEnded end(pb::UploadEnd how) {
  pb::UploadEnded body;
  body.set_end(how);
  body.set_code("not_media");
  return body;
}

std::optional<UploadRow> begun(std::int64_t size) {
  std::optional<UploadRow> row;
  REQUIRE(fold(row, act(0, "creator"), start(size)) == Verdict::applied);
  return row;
}

}  // namespace

TEST_CASE("chunks continue an upload until it is complete") {
  auto row = begun(10);
  struct Row {
    std::int64_t offset, size;
    Verdict verdict;
    std::int64_t received;
  };
  for (const auto& step : {Row{4, 4, Verdict::misplaced, 0}, Row{0, 4, Verdict::applied, 4},
                           Row{0, 4, Verdict::misplaced, 4}, Row{4, 0, Verdict::misplaced, 4},
                           Row{4, -1, Verdict::misplaced, 4}, Row{4, 7, Verdict::misplaced, 4},
                           Row{4, 6, Verdict::applied, 10}, Row{10, 1, Verdict::ended, 10}}) {
    CAPTURE(step.offset);
    CAPTURE(step.size);
    CHECK(fold(row, act(1, "creator"), chunk(step.offset, step.size)) == step.verdict);
    CHECK(row->received == step.received);
  }
  CHECK(row->complete());
  CHECK(row->chunks == 2);
  CHECK_FALSE(row->open());
}

TEST_CASE("an upload is its owner's, and starts once") {
  std::optional<UploadRow> none;
  CHECK(fold(none, act(1, "creator"), chunk(0, 1)) == Verdict::unknown);
  CHECK(fold(none, act(1, "creator"), end(pb::UPLOAD_END_CANCELLED)) == Verdict::unknown);
  CHECK(fold(none, act(1, "creator"), start(0)) == Verdict::malformed);
  CHECK(fold(none, act(1, ""), start(5)) == Verdict::malformed);
  CHECK_FALSE(none);
  auto row = begun(10);
  CHECK(fold(row, act(1, "creator"), start(99)) == Verdict::repeated);
  CHECK(row->size == 10);
  CHECK(fold(row, act(1, "other"), chunk(0, 1)) == Verdict::foreign);
  CHECK(fold(row, act(1, "other"), end(pb::UPLOAD_END_CANCELLED)) == Verdict::foreign);
  CHECK(fold(row, act(1, "creator"), end(pb::UPLOAD_END_REFUSED)) == Verdict::foreign);
  CHECK(fold(row, act(1, "creator"), end(pb::UPLOAD_END_UNSPECIFIED)) == Verdict::malformed);
  CHECK(row->open());
}

TEST_CASE("after its end an upload takes nothing and ends no second time [D23]") {
  auto row = begun(10);
  CHECK(fold(row, act(1, ""), end(pb::UPLOAD_END_REFUSED)) == Verdict::applied);
  CHECK(row->code == "not_media");
  CHECK(fold(row, act(2, "creator"), chunk(0, 1)) == Verdict::ended);
  CHECK(fold(row, act(3, "creator"), end(pb::UPLOAD_END_CANCELLED)) == Verdict::repeated);
  CHECK(row->end == pb::UPLOAD_END_REFUSED);
}

TEST_CASE("what is complete is not cancelled any more, only refused") {
  auto row = begun(10);
  CHECK(fold(row, act(1, "creator"), chunk(0, 10)) == Verdict::applied);
  CHECK(fold(row, act(2, "creator"), end(pb::UPLOAD_END_CANCELLED)) == Verdict::ended);
  CHECK_FALSE(row->ended());
  CHECK(fold(row, act(3, ""), end(pb::UPLOAD_END_REFUSED)) == Verdict::applied);
}

TEST_CASE("the rows of an upload are read as they were written, and nothing else is") {
  auto row = *begun(10);
  row.code = "c";
  const auto bytes = encode(row);
  CHECK(activity::decode_upload(bytes) == row);
  CHECK_FALSE(activity::decode_upload(bytes + "x"));
  CHECK_FALSE(activity::decode_upload(bytes.substr(1)));
  const activity::UploadChunkRow one{3, 4, sha256("blob")};
  CHECK(activity::decode_upload_chunk(encode(one)) == one);
}
