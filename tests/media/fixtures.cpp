#include "tests/media/fixtures.hpp"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "core/base/encoding.hpp"
#include "workers/media/jail.hpp"

namespace fl::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t blobs_in(const blobs::BlobStore& store) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(store.root())) {
    count += entry.is_regular_file();
  }
  return count - 1;  // the marker
}

void put_chunk(std::string& png, std::string_view type, std::string_view data) {
  put_u32(png, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(type) + std::string(data);
  png += body;
  put_u32(png, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                  static_cast<uInt>(body.size()))));
}

}  // namespace

std::string make_media(const std::vector<std::string>& arguments, const std::string& input) {
  const TemporaryDirectory folder;
  fs::create_directory(folder / "out");
  media::JailTask task;
  task.output = folder / "out";
  if (!input.empty()) {
    std::ofstream(folder / "in", std::ios::binary) << input;
    task.input = folder / "in";
  }
  task.limits.memory_bytes = 4ULL << 30;
  task.arguments = {"/usr/bin/ffmpeg", "-nostdin", "-v", "error", "-y"};
  task.arguments.insert(task.arguments.end(), arguments.begin(), arguments.end());
  task.arguments.push_back("/out/made");
  const auto outcome = media::Jail().run(task);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  if (!outcome->succeeded()) throw std::runtime_error(outcome->errors);
  return read_file(folder / "out/made");
}

std::string make_mp4(int width, int height, const std::string& seconds, bool sound,
                     const std::vector<std::string>& more) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  std::vector<std::string> arguments = {"-f", "lavfi", "-i",
                                        "testsrc2=r=30:s=" + size + ":d=" + seconds};
  const auto add = [&](const std::vector<std::string>& list) {
    arguments.insert(arguments.end(), list.begin(), list.end());
  };
  if (sound) add({"-f", "lavfi", "-i", "sine=d=" + seconds, "-c:a", "aac"});
  add({"-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"});
  add(more);
  add({"-f", "mp4"});
  return make_media(arguments);
}

std::string make_jpeg_with_gps() {
  const auto jpeg =
      make_media({"-f", "lavfi", "-i", "testsrc2=s=400x300", "-frames:v", "1", "-f", "mjpeg"});
  const auto entry = [](std::string& to, std::uint16_t tag, std::uint16_t type, std::uint32_t count,
                        std::string_view value) {
    put_u16(to, tag), put_u16(to, type), put_u32(to, count);
    to += value;
  };
  using namespace std::string_view_literals;
  std::string tiff = "MM";
  put_u16(tiff, 42), put_u32(tiff, 8);
  put_u16(tiff, 2);
  entry(tiff, 0x0112, 3, 1, "\0\6\0\0"sv);    // orientation
  entry(tiff, 0x8825, 4, 1, "\0\0\0\x26"sv);  // the GPS table stands at 38
  put_u32(tiff, 0);
  put_u16(tiff, 2);
  entry(tiff, 1, 2, 2, "N\0\0\0"sv);       // latitude: north
  entry(tiff, 29, 2, 11, "\0\0\0\x44"sv);  // the date stands at 68
  put_u32(tiff, 0);
  tiff += "2020:01:02\0"sv;
  const std::string app = std::string("Exif\0\0", 6) + tiff;
  std::string length;
  put_u16(length, static_cast<std::uint16_t>(app.size() + 2));
  return jpeg.substr(0, 2) + "\xff\xe1" + length + app + jpeg.substr(2);
}

std::string make_png(std::uint32_t width, std::uint32_t height) {
  z_stream stream{};
  if (::deflateInit(&stream, 1) != Z_OK) throw std::runtime_error("deflateInit");
  const std::string row(std::size_t{width} + 1, '\0');
  std::string data, buffer(1 << 16, '\0');
  for (std::uint32_t y = 0; y <= height; ++y) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(row.data()));
    stream.avail_in = y < height ? static_cast<uInt>(row.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      ::deflate(&stream, y < height ? Z_NO_FLUSH : Z_FINISH);
      data.append(buffer, 0, buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  ::deflateEnd(&stream);
  std::string header;
  put_u32(header, width), put_u32(header, height);
  header += std::string("\x08\0\0\0\0", 5);
  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", data);
  put_chunk(png, "IEND", "");
  return png;
}

Workshop::Workshop()
    : store(*blobs::BlobStore::open(folder / "blobs", "ledger-1")), work(folder / "work") {
  fs::create_directory(work);
}

Result<media::Processed> Workshop::process(std::string_view bytes, std::size_t chunks,
                                           const media::MediaLimits& limits) {
  std::vector<Digest> digests;
  std::set<Digest> distinct;
  const std::size_t each = bytes.size() / chunks + 1;
  for (std::size_t i = 0; i < chunks; ++i) {
    digests.push_back(store.put(bytes.substr(std::min(bytes.size(), i * each), each))->digest);
    distinct.insert(digests.back());
  }
  chunks_ = distinct.size();
  return media::process(store, store, media::Jail(), digests, work, limits,
                        [this](int percent) { progress.push_back(percent); });
}

std::size_t Workshop::derived_blobs() const {
  return blobs_in(store) - chunks_;
}

bool Workshop::is_work_empty() const {
  return fs::is_empty(work) && fs::is_empty(store.root() + "/tmp");
}

std::string ffprobe(const std::string& path, const std::string& entries,
                    const std::vector<std::string>& more) {
  media::JailTask task;
  task.input = path;
  task.arguments = {"/usr/bin/ffprobe", "-v",   "error", "-of", "default=noprint_wrappers=1",
                    "-show_entries",    entries};
  task.arguments.insert(task.arguments.end(), more.begin(), more.end());
  task.arguments.push_back("/in/source");
  const auto outcome = media::Jail().run(task);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return outcome->out + outcome->errors;
}

}  // namespace fl::test
