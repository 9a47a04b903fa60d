#include "judge/quotation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace iie {
namespace {

// The source is cut into blocks of half the wanted length, so that every copy of that length holds
// a whole block; the reply is scanned for the blocks' hashes (Karp and Rabin 1987), and each hit is
// extended as far as the texts agree.
constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15ULL;
// Blocks of one hash that are kept: a flood of one letter has as many as it is long.
constexpr std::size_t kSameHash = 4;

struct Places {
  std::array<std::size_t, kSameHash> at{};
  std::size_t count = 0;
};

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = hash * kBase + static_cast<unsigned char>(c) + 1;
  return hash;
}

}  // namespace

std::string blank_copies(std::string_view reply, std::string_view source, std::size_t min_bytes) {
  assert(min_bytes >= 16);
  std::string out(reply);
  const std::size_t block = min_bytes / 2;
  if (reply.size() < min_bytes || source.size() < min_bytes) return out;

  std::unordered_map<std::uint64_t, Places> blocks;
  for (std::size_t at = 0; at + block <= source.size(); at += block) {
    Places& places = blocks[hash_of(source.substr(at, block))];
    if (places.count < kSameHash) places.at[places.count++] = at;
  }
  std::uint64_t power = 1;  // kBase^block: what the byte that leaves the window weighs
  for (std::size_t i = 0; i < block; ++i) power *= kBase;

  std::uint64_t hash = hash_of(reply.substr(0, block));
  std::size_t done = 0;  // the reply in front of it is settled
  for (std::size_t at = 0; at + block <= reply.size(); ++at) {
    if (at > 0) {
      hash = hash * kBase + static_cast<unsigned char>(reply[at + block - 1]) + 1 -
             power * (static_cast<std::uint64_t>(static_cast<unsigned char>(reply[at - 1])) + 1);
    }
    if (at < done) continue;
    const auto found = blocks.find(hash);
    if (found == blocks.end()) continue;
    const std::size_t settled = done;  // of this place's copies each may reach back to it
    for (std::size_t i = 0; i < found->second.count; ++i) {
      const std::size_t there = found->second.at[i];
      std::size_t before = 0;
      while (before < at - settled && before < there &&
             reply[at - before - 1] == source[there - before - 1]) {
        ++before;
      }
      std::size_t behind = 0;
      while (at + behind < reply.size() && there + behind < source.size() &&
             reply[at + behind] == source[there + behind]) {
        ++behind;
      }
      if (before + behind < min_bytes) continue;
      std::replace_if(
          out.begin() + static_cast<std::ptrdiff_t>(at - before),
          out.begin() + static_cast<std::ptrdiff_t>(at + behind), [](char c) { return c != '\n'; },
          ' ');
      done = std::max(done, at + behind);
    }
  }
  return out;
}

}  // namespace iie
