#include "judge/own_words.h"

#include <cstddef>

#include "base/string_util.h"
#include "judge/quotation.h"

namespace iie {
namespace {

// A copy of the response that holds a verdict is longer than the verdict's own form; no response
// that is not made for it holds one. The prompt holds its worked examples and the form itself,
// which every reply repeats, so a copy of it must be longer than the form.
constexpr std::size_t kResponseCopy = 48;
constexpr std::size_t kPromptCopy = 160;

}  // namespace

std::optional<std::string> own_words(std::string_view reply, const JudgedText& judged, bool mock) {
  std::string own = blank_copies(reply, judged.response, kResponseCopy);
  const std::string_view whole = trim(judged.response);
  for (std::size_t at = 0; mock && (at = own.find(whole, at)) != own.npos; at += whole.size()) {
    own.replace(at, whole.size(), whole.size(), ' ');
  }
  own = blank_copies(own, judged.prompt, kPromptCopy);
  if (own == reply) return std::nullopt;
  return own;
}

}  // namespace iie
