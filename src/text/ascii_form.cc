#include "text/ascii_form.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <cassert>

#include "text/unicode.h"

namespace iie {

std::string ascii_form(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(status);
  assert(U_SUCCESS(status));
  std::string ascii;
  ascii.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c < 0x80) {
      ascii += static_cast<char>(c);
      continue;
    }
    // One character at a time: canonical ordering moves combining marks only, and none is ASCII.
    icu::UnicodeString parts;
    if (!nfkd->getDecomposition(static_cast<UChar32>(c), parts)) continue;
    for (int i = 0; i < parts.length(); ++i) {
      if (parts[i] < 0x80) ascii += static_cast<char>(parts[i]);
    }
  }
  return ascii;
}

}  // namespace iie
