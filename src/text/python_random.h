// Python's random.Random, for code that imitates what a seeded Python program draws.
//
// The Mersenne Twister of Matsumoto and Nishimura, "MT19937" (1998, seeding of 2002): std::mt19937
// draws the same numbers but cannot be seeded as Python seeds it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace iie {

class PythonRandom {
 public:
  explicit PythonRandom(std::uint32_t seed);

  double random();                       // [0, 1)
  double gauss();                        // gauss(0.0, 1.0)
  std::uint32_t below(std::uint32_t n);  // the index that choice() of n elements takes; n > 0

 private:
  std::uint32_t next();

  static constexpr std::size_t kSize = 624;
  std::array<std::uint32_t, kSize> state_{};
  std::size_t at_ = kSize;
  std::optional<double> spare_;  // gauss draws two at a time
};

}  // namespace iie
