#include "cli/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "cli/new_file.hpp"
#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "core/events/signature.hpp"

namespace fl::cli {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 4096;
/// Before the digits of a secret, so that it is never taken for a public key and sent somewhere.
constexpr std::string_view kSecretMark = "secret:";

Failure unreadable(const std::filesystem::path& path, std::string why) {
  return fail(ErrorClass::unavailable, "key_unreadable", path.string(), std::move(why));
}
Failure already_there(const std::filesystem::path& path) {
  return fail(ErrorClass::malformed, "file_exists", path.string(),
              "The file exists already: a key is not overwritten without --force.");
}

Status write_file(const std::filesystem::path& path, std::string_view text, mode_t mode,
                  bool force) {
  auto written = write_new_file(path, text, mode, force);
  if (!written && written.error().code == "file_exists") return already_there(path);
  return written;
}

/// The text of a small regular file; of a secret only when nobody else may read it.
Result<std::string> read_file(const std::filesystem::path& path, bool secret) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return unreadable(path, fmt::format("The key cannot be opened: {}.", std::strerror(errno)));
  struct stat info {};
  std::string text(kMaxKeyFileBytes + 1, '\0');
  const bool regular = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const auto size = regular ? ::read(fd, text.data(), text.size()) : -1;
  ::close(fd);
  if (size < 0) return unreadable(path, "The key cannot be read: it is not a readable file.");
  text.resize(static_cast<std::size_t>(size));
  if (secret && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    sodium_memzero(text.data(), text.size());
    return fail(ErrorClass::unavailable, "key_exposed", path.string(),
                "Others may read this secret key: run chmod 600 on it, and think whether it is "
                "still secret.");
  }
  return text;
}

/// The bytes on the one line that is not a comment, after the mark.
std::optional<std::string> key_line(std::string_view text, std::string_view mark,
                                    std::size_t bytes) {
  std::optional<std::string> found;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') continue;
    if (found || !line.starts_with(mark) || line.size() != mark.size() + 2 * bytes)
      return std::nullopt;
    found = from_hex(line.substr(mark.size()));
    if (!found) return std::nullopt;
  }
  return found;
}

}  // namespace

SecretSeed::SecretSeed(std::string bytes) : bytes_(std::move(bytes)) {
  FL_ASSERT(bytes_.size() == events::kSecretSeedBytes);
}
// A moved-from string of this size keeps no copy: it is beyond the small-string buffer.
SecretSeed::SecretSeed(SecretSeed&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
SecretSeed::~SecretSeed() {
  sodium_memzero(bytes_.data(), bytes_.size());
}
std::string SecretSeed::public_key() const {
  return events::public_key_of(bytes_);
}
KeyId SecretSeed::key_id() const {
  return events::key_id_of(public_key());
}
KeyId PublicKey::id() const {
  return events::key_id_of(bytes);
}

Result<PublicKey> create_key_files(const std::filesystem::path& path, bool force) {
  const std::filesystem::path public_path = path.string() + ".pub";
  // Looked at first, so that neither file is made where one would be refused.
  for (const auto& each : {path, public_path}) {
    if (!force && !check_absent(each)) return already_there(each);
  }
  std::string bytes(events::kSecretSeedBytes, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  const SecretSeed seed(std::move(bytes));
  PublicKey key{seed.public_key()};
  auto text = fmt::format(
      "# fanledger staff key: an Ed25519 SECRET seed in hex, of {}. Whoever has it acts as you.\n"
      "{}{}\n",
      key.id().str(), kSecretMark, to_hex(seed.bytes()));
  auto written = write_file(path, text, 0600, force);
  sodium_memzero(text.data(), text.size());
  if (!written) return fail(written.error());
  const auto public_text =
      fmt::format("# fanledger staff key: an Ed25519 public key in hex, {}.\n{}\n", key.id().str(),
                  to_hex(key.bytes));
  if (auto s = write_file(public_path, public_text, 0644, force); !s) return fail(s.error());
  return key;
}

Result<SecretSeed> read_secret_key(const std::filesystem::path& path) {
  auto text = read_file(path, true);
  if (!text) return fail(text.error());
  auto seed = key_line(*text, kSecretMark, events::kSecretSeedBytes);
  sodium_memzero(text->data(), text->size());
  if (!seed)
    return unreadable(path, "A secret key file holds a line of secret: and 64 hexadecimal digits.");
  return SecretSeed(std::move(*seed));
}

Result<PublicKey> read_public_key(const std::filesystem::path& path) {
  auto text = read_file(path, false);
  if (!text) return fail(text.error());
  auto key = key_line(*text, "", events::kPublicKeyBytes);
  if (!key)
    return unreadable(path,
                      "A public key file holds a line of 64 hexadecimal digits and no secret.");
  return PublicKey{std::move(*key)};
}

}  // namespace fl::cli
