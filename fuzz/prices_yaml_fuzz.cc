// Price lists: any text gives a list or one line that says what is wrong.
#include <cstdint>
#include <cstdlib>
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
    if (!(price->input >= 0) || !(price->output >= 0)) std::abort();
  }
  return 0;
}
