#include "core/secrets/keyring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/secrets/durable_file.hpp"

namespace fl::secrets {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxKeyFileBytes = 1024;

Status write_key(const fs::path& folder, const std::string& name, std::string_view purpose,
                 RandomSource& random) {
  const SecretKey key = SecretKey::random(random);
  const WipedString hex(to_hex(key.view()));
  WipedString content;
  content.text.reserve(kMaxKeyFileBytes);  // one buffer, so that wiping reaches all of it
  content.text.append("# fanledger: ").append(purpose).append(". 32 random bytes. Keep secret.\n");
  content.text.append(hex.text).append("\n");
  return write_new_file(folder / name, content.text, 0600);
}

Failure damaged(const fs::path& path, std::string_view why) {
  return fail(ErrorClass::unavailable, "keys_damaged", "",
              fmt::format("{} {}.", path.string(), why));
}

Result<SecretKey> read_key(const fs::path& path) {
  auto content = read_secret_file(path, kMaxKeyFileBytes);
  if (!content) {
    Error error = content.error();  // "secret_exposed" → "keys_exposed"
    if (error.code.starts_with("secret_")) error.code.replace(0, 6, "keys");
    return fail(std::move(error));
  }
  const WipedString file(std::move(*content));
  std::string_view hex;
  for (std::string_view rest = file.text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty() || line.starts_with('#')) continue;
    if (!hex.empty()) return damaged(path, "holds more than one key");
    hex = line;
  }
  auto raw = from_hex(hex);
  const WipedString key(raw ? std::move(*raw) : std::string());
  if (key.text.size() != SecretKey::kSize) return damaged(path, "does not hold 64 hex digits");
  return SecretKey::from(key.text);
}

std::string address_file(std::uint32_t id) {
  return fmt::format("address-{}.key", id);
}

std::optional<std::uint32_t> address_id(const std::string& file_name) {
  constexpr std::string_view prefix = "address-";
  if (!file_name.starts_with(prefix)) return std::nullopt;
  std::uint32_t id = 0;
  const char* begin = file_name.data() + prefix.size();
  std::from_chars(begin, file_name.data() + file_name.size(), id);
  if (id == 0 || file_name != address_file(id)) return std::nullopt;
  return id;
}

/// The ids of the address keys in the folder, lowest first.
Result<std::map<std::uint32_t, fs::path>> address_files(const fs::path& folder) {
  std::map<std::uint32_t, fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (const auto id = address_id(it->path().filename().string())) found[*id] = it->path();
  }
  if (error) {
    return fail(ErrorClass::unavailable, "keys_missing", "",
                fmt::format("Could not read {}: {}.", folder.string(), error.message()));
  }
  return found;
}

}  // namespace

Keyring::Keyring(SecretKey wrapping, SecretKey index, SecretKey command,
                 std::map<std::uint32_t, SecretKey> addresses)
    : wrapping_(std::move(wrapping)),
      index_(std::move(index)),
      command_(std::move(command)),
      addresses_(std::move(addresses)) {}

Status Keyring::create(const fs::path& folder, RandomSource& random) {
  const auto dir = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  const auto exists = [&] {
    return fail(ErrorClass::conflict, "keys_exist", "",
                fmt::format("{} is there already: keys are never replaced.", folder.string()));
  };
  const auto failed = [&](const std::string& why) {
    return fail(ErrorClass::unavailable, "storage_failed", "",
                fmt::format("Could not make {}: {}.", folder.string(), why));
  };
  std::error_code error;
  if (fs::exists(folder, error)) return exists();
  fs::create_directories(dir, error);
  if (error) return failed(error.message());
  // All keys are made in a folder apart, which then gets its name: a crash leaves all or none.
  std::string apart = (dir / "keys.new.XXXXXX").string();
  if (::mkdtemp(apart.data()) == nullptr) return failed(std::generic_category().message(errno));
  const auto make = [&]() -> Status {
    const std::pair<const char*, const char*> files[] = {
        {"wrapping.key", "wraps the keys of persons; without it no text of theirs can be read"},
        {"index.key", "finds accounts by e-mail"},
        {"command.key", "recognises a repeated command"},
        {"address-1.key", "signs the addresses of media"},
    };
    for (const auto& [name, purpose] : files) {
      if (auto written = write_key(apart, name, purpose, random); !written) return written;
    }
    if (std::rename(apart.c_str(), folder.c_str()) != 0) {
      if (errno == ENOTEMPTY || errno == EEXIST) return exists();
      return failed(std::generic_category().message(errno));
    }
    return sync_folder(dir);
  };
  auto made = make();
  if (!made) fs::remove_all(apart, error);
  return made;
}

Result<Keyring> Keyring::load(const fs::path& folder) {
  auto wrapping = read_key(folder / "wrapping.key");
  if (!wrapping) return fail(wrapping.error());
  auto index = read_key(folder / "index.key");
  if (!index) return fail(index.error());
  auto command = read_key(folder / "command.key");
  if (!command) return fail(command.error());
  const auto files = address_files(folder);
  if (!files) return fail(files.error());
  if (files->size() > kMaxAddressKeys) return damaged(folder, "holds too many address keys");
  std::map<std::uint32_t, SecretKey> addresses;
  for (const auto& [id, path] : *files) {
    auto key = read_key(path);
    if (!key) return fail(key.error());
    addresses.emplace(id, std::move(*key));
  }
  if (addresses.empty()) {
    return fail(ErrorClass::unavailable, "keys_missing", "",
                fmt::format("{} holds no address key.", folder.string()));
  }
  return Keyring(std::move(*wrapping), std::move(*index), std::move(*command),
                 std::move(addresses));
}

Result<std::uint32_t> Keyring::add_address_key(const fs::path& folder, RandomSource& random) {
  const auto files = address_files(folder);
  if (!files) return fail(files.error());
  if (files->size() >= kMaxAddressKeys) {
    return fail(ErrorClass::conflict, "too_many_address_keys", "",
                "Delete the file of an address key that is no longer in use first.");
  }
  const std::uint32_t id = files->empty() ? 1 : files->rbegin()->first + 1;
  auto written = write_key(folder, address_file(id), "signs the addresses of media", random);
  if (!written) return fail(written.error());
  return id;
}

const SecretKey* Keyring::address(std::uint32_t id) const {
  const auto found = addresses_.find(id);
  return found == addresses_.end() ? nullptr : &found->second;
}

}  // namespace fl::secrets
