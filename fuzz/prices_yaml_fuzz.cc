// Price lists: any text gives a list or one line that says what is wrong.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "provider/prices.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = iie::PriceList::parse(text, "fuzz.yaml");
  if (!list) {
    const bool one_line = list.error().message.find('\n') == std::string::npos;
    if (list.error().kind != iie::ErrorKind::bad_input || !one_line) std::abort();
    return 0;
  }
  if (const auto price = list->find("openai:m", "https://h/v1")) {
    if (!(price->rates.input >= 0) || !(price->rates.output >= 0)) std::abort();
    // No usage, length or hour costs less than nothing or more than the most.
    for (const std::int64_t input : {std::int64_t{0}, std::int64_t{300'000}, INT64_MAX}) {
      const iie::Usage usage{.input_tokens = input,
                             .output_tokens = 1000,
                             .reasoning_tokens = {},
                             .cached_tokens = input / 3,
                             .cache_write_tokens = input / 3,
                             .cache_write_long_tokens = input / 6};
      const auto cost = iie::cost_of(usage, *price);
      const double most = iie::most_cost(input, 1000, *price);
      if (!cost || !(*cost >= 0) || *cost > most * (1 + 1e-9) + 1e-9) std::abort();
      const iie::CallTime time{iie::WallTime(std::chrono::milliseconds(input)),
                               std::chrono::milliseconds(input % 4'000'000)};
      if (!(iie::cost_of(usage, *price, time).value_or(-1) >= 0)) std::abort();
    }
  }
  return 0;
}
