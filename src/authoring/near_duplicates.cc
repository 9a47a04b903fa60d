#include "authoring/near_duplicates.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/rng.h"
#include "text/unicode.h"

namespace iie {
namespace {

// 32 bands of 4 rows: the buckets catch a pair of similarity s with probability 1-(1-s^4)^32.
constexpr std::size_t kBands = 32;
constexpr std::size_t kRows = 4;
constexpr std::size_t kHashes = kBands * kRows;
// A bucket that holds more than this says nothing (blank or template texts).
constexpr std::size_t kMaxBucket = 500;

using Shingles = std::vector<std::uint64_t>;  // sorted, each once

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64's finalizer
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

Shingles shingles(std::string_view text, std::size_t size = 0) {
  const std::string form = normalize(text, Case::fold);
  std::vector<char32_t> letters;
  std::size_t han = 0;
  for (std::size_t at = 0; at < form.size();) {
    const char32_t c = next_code_point(form, at);
    if (!is_letter_or_digit(c)) continue;
    han += is_han(c) ? 1 : 0;
    letters.push_back(c);
  }
  if (size == 0) size = han * 2 > letters.size() ? 3 : 5;
  Shingles out;
  if (letters.size() < size) {
    // Too short for one: the text as a whole.
    std::uint64_t hash = letters.size();
    for (const char32_t c : letters) hash = mixed(hash * 31 + c);
    if (!letters.empty()) out.push_back(hash);
    return out;
  }
  out.reserve(letters.size());
  for (std::size_t i = 0; i + size <= letters.size(); ++i) {
    std::uint64_t hash = size;
    for (std::size_t j = 0; j < size; ++j) hash = hash * 0x100000001b3ull + letters[i + j];
    out.push_back(mixed(hash));
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::size_t common(const Shingles& a, const Shingles& b) {
  std::size_t n = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++n;
      ++i;
      ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return n;
}

struct HashFunctions {
  std::array<std::uint64_t, kHashes> factor;
  std::array<std::uint64_t, kHashes> offset;
  HashFunctions() {
    Rng rng(2509'04292);
    for (std::size_t i = 0; i < kHashes; ++i) {
      factor[i] = rng() | 1;
      offset[i] = rng();
    }
  }
};

std::array<std::uint64_t, kHashes> signature(const Shingles& set) {
  static const HashFunctions functions;
  std::array<std::uint64_t, kHashes> out;
  out.fill(std::numeric_limits<std::uint64_t>::max());
  for (const std::uint64_t shingle : set) {
    for (std::size_t i = 0; i < kHashes; ++i) {
      out[i] = std::min(out[i], shingle * functions.factor[i] + functions.offset[i]);
    }
  }
  return out;
}

}  // namespace

std::vector<TextMatch> near_duplicates(std::span<const std::string> texts, std::size_t own,
                                       double threshold) {
  std::vector<Shingles> sets;
  std::vector<std::array<std::uint64_t, kHashes>> signatures;
  for (const std::string& text : texts) {
    sets.push_back(shingles(text));
    signatures.push_back(signature(sets.back()));
  }
  std::set<std::pair<std::size_t, std::size_t>> candidates;
  for (std::size_t band = 0; band < kBands; ++band) {
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> buckets;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (sets[i].empty()) continue;
      std::uint64_t key = band;
      for (std::size_t row = 0; row < kRows; ++row) {
        key = mixed(key ^ signatures[i][band * kRows + row]);
      }
      auto& bucket = buckets[key];
      if (bucket.size() >= kMaxBucket) continue;
      for (const std::size_t earlier : bucket) {
        if (earlier < own) candidates.emplace(earlier, i);
      }
      bucket.push_back(i);
    }
  }
  std::vector<TextMatch> out;
  for (const auto& [a, b] : candidates) {
    const auto shared = static_cast<double>(common(sets[a], sets[b]));
    const auto all = static_cast<double>(sets[a].size() + sets[b].size()) - shared;
    const double similarity = shared / all;
    if (similarity >= threshold) out.push_back({a, b, similarity});
  }
  return out;
}

double containment(std::string_view part, std::string_view whole) {
  const Shingles inner = shingles(part, 5);
  if (inner.size() < 5) return 0;
  return static_cast<double>(common(inner, shingles(whole, 5))) / static_cast<double>(inner.size());
}

}  // namespace iie
