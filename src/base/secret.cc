#include "base/secret.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::size_t kShortestSearched = 6;
constexpr std::string_view kMask = "[redacted]";

struct Registry {
  std::mutex mutex;                // guards forms
  std::vector<std::string> forms;  // longest first, so that no prefix hides a longer form
};

Registry& registry() {
  static Registry* const instance = new Registry;  // never destroyed: threads may log at exit
  return *instance;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_ascii_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

// Without the padding at the end: the bits in front of it are the text's.
std::string base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6;) {
      held -= 6;
      out.push_back(kDigits[bits >> held & 63]);
    }
  }
  if (held > 0) out.push_back(kDigits[bits << (6 - held) & 63]);
  return out;
}

std::string json_escape_slashes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '/') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  if (value_.size() < kShortestSearched) return;
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  for (std::string form :
       {value_, percent_encode(value_), json_escape_slashes(value_), base64(value_)}) {
    if (std::ranges::find(known.forms, form) == known.forms.end()) {
      known.forms.push_back(std::move(form));
    }
  }
  std::ranges::stable_sort(known.forms, std::ranges::greater{}, &std::string::size);
}

std::string redact(std::string_view text) {
  std::string out(text);
  redact_in_place(out);
  return out;
}

void redact_in_place(std::string& text) {
  Registry& known = registry();
  const std::lock_guard lock(known.mutex);
  for (const std::string& form : known.forms) {
    for (std::size_t at = text.find(form); at != std::string::npos;
         at = text.find(form, at + kMask.size())) {
      text.replace(at, form.size(), kMask);
    }
  }
}

}  // namespace iie
