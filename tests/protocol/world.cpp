#include "tests/protocol/world.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fl::protocol {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(hash ^ word) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^
         (word << 1);
}

std::uint64_t hash_of(const World& world) {
  constexpr std::size_t kWords = (sizeof(World) + 7) / 8;
  std::array<std::uint64_t, kWords> words{};
  std::memcpy(words.data(), &world, sizeof(World));
  std::uint64_t hash = 0x2545f4914f6cdd1dULL;
  for (const auto word : words) hash = mix(hash + 0xd6e8feb86659fd93ULL, word);
  return hash;
}

using Naming = std::array<std::uint8_t, kMaxOwners>;  // old → new

RecordId renamed(RecordId id, const Naming& naming) {
  return id == kGenesis ? id : record_id(naming[static_cast<std::size_t>(maker(id))], id & 15);
}

void rename(Record& record, const Naming& naming) {
  record.id = renamed(record.id, naming);
  record.prev = renamed(record.prev, naming);
}

World renamed(const World& world, const Naming& naming, int owners) {
  World out = world;
  for (int i = 0; i < world.length; ++i) rename(out.log[static_cast<std::size_t>(i)], naming);
  for (int i = 0; i < world.strays; ++i) rename(out.stray[static_cast<std::size_t>(i)], naming);
  std::sort(out.stray.begin(), out.stray.begin() + world.strays,
            [](const Record& a, const Record& b) { return a.id < b.id; });
  for (int i = 0; i < owners; ++i) {
    auto& owner = out.owners[naming[static_cast<std::size_t>(i)]];
    owner = world.owners[static_cast<std::size_t>(i)];
    for (int k = 0; k < owner.pending; ++k) rename(owner.sent[static_cast<std::size_t>(k)], naming);
    owner.confirmed.head = renamed(owner.confirmed.head, naming);
    owner.snapshot.head = renamed(owner.snapshot.head, naming);
  }
  for (auto& asked : out.asked) {
    if (asked.phase != Phase::queued && asked.phase != Phase::riding) continue;
    asked.owner = naming[asked.owner];
    asked.rides_on = renamed(asked.rides_on, naming);
  }
  out.truth.head = renamed(out.truth.head, naming);
  return out;
}

}  // namespace

std::uint64_t fingerprint(const World& world, int owners) {
  Naming naming = {0, 1, 2};
  auto least = hash_of(world);
  while (std::next_permutation(naming.begin(), naming.begin() + owners)) {
    least = std::min(least, hash_of(renamed(world, naming, owners)));
  }
  return least;
}

}  // namespace fl::protocol
