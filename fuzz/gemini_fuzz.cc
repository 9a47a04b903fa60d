// Replies of the Gemini API: the first byte chooses a status, the rest is the body.
#include "reply_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return iie::fuzz_reply(iie::Dialect::gemini, data, size);
}
