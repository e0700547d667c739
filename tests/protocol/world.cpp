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
  constexpr std::size_t kWords = (sizeof(World) + 15) / 16 * 2;
  std::array<std::uint64_t, kWords> words{};
  std::memcpy(words.data(), &world, sizeof(World));
  // Two at a time: a processor multiplies them side by side.
  std::uint64_t even = 0x2545f4914f6cdd1dULL;
  std::uint64_t odd = 0x9fb21c651e98df25ULL;
  for (std::size_t i = 0; i < kWords; i += 2) {
    even = mix(even + 0xd6e8feb86659fd93ULL, words[i]);
    odd = mix(odd + 0xc2b2ae3d27d4eb4fULL, words[i + 1]);
  }
  return mix(even, odd);
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

/// Of an owner, what does not depend on names.
std::uint64_t rank(const Owner& owner) {
  std::uint64_t rank = 0;
  for (const std::uint8_t part :
       {static_cast<std::uint8_t>(owner.mode), owner.made, owner.pending, owner.flying,
        owner.confirmed.offset, owner.confirmed.epoch, owner.confirmed.seq}) {
    rank = rank << 8 | part;
  }
  return rank;
}

}  // namespace

std::uint64_t fingerprint(const World& world, int owners) {
  std::array<std::uint64_t, kMaxOwners> ranks{};
  for (std::size_t i = 0; i < static_cast<std::size_t>(owners); ++i) {
    ranks[i] = rank(world.owners[i]);
  }
  // Of the namings that put the owners in the order of their ranks, the one with the least hash.
  // There are several only where ranks are equal.
  std::array<std::uint8_t, kMaxOwners> order = {0, 1, 2};  // new → old
  std::uint64_t least = ~0ULL;
  do {
    const auto by_rank = [&](std::uint8_t a, std::uint8_t b) { return ranks[a] < ranks[b]; };
    if (!std::is_sorted(order.begin(), order.begin() + owners, by_rank)) continue;
    Naming naming{};
    for (std::uint8_t i = 0; i < owners; ++i) naming[order[i]] = i;
    least = std::min(least, hash_of(renamed(world, naming, owners)));
  } while (std::next_permutation(order.begin(), order.begin() + owners));
  return least;
}

}  // namespace fl::protocol
