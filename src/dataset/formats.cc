#include "dataset/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdint>
#include <utility>

#include "base/log.h"
#include "base/string_util.h"

namespace iie {
namespace {

namespace bj = boost::json;

std::string_view view(const bj::string& text) { return {text.data(), text.size()}; }

// The code point at the start of valid UTF-8, and its length.
std::pair<char32_t, std::size_t> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  std::size_t length = 1;
  char32_t code = lead;
  if (lead >= 0xF0) {
    length = 4;
    code = lead & 0x07;
  } else if (lead >= 0xE0) {
    length = 3;
    code = lead & 0x0F;
  } else if (lead >= 0xC0) {
    length = 2;
    code = lead & 0x1F;
  }
  if (length > text.size()) return {U'\uFFFD', text.size()};
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte(i) & 0x3Fu);
  return {code, length};
}

bool is_han(char32_t code) {
  return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF) ||
         (code >= 0xF900 && code <= 0xFAFF) || (code >= 0x20000 && code <= 0x3FFFF);
}

// Close enough for a share: general punctuation, symbols and CJK punctuation are no letters.
bool is_letter(char32_t code) {
  if (code < 0x80) return is_ascii_alpha(static_cast<char>(code));
  return (code >= 0xC0 && code < 0x2000) || (code >= 0x3040 && code < 0xFE00) || is_han(code);
}

Result<std::string> content_text(const bj::value& content, const std::string& where) {
  if (content.is_string()) return std::string(content.get_string());
  if (!content.is_array()) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: expected a string or an array of text parts, got {}", where,
                            json_type_name(content)));
  }
  std::string text;
  std::size_t index = 0;
  for (const bj::value& part : content.get_array()) {
    JsonFields fields(part, fmt::format("{}[{}]", where, index++));
    const std::string type = fields.string_or("type", "text");
    if (type != "input_text" && type != "output_text" && type != "text") {
      fields.reject("type", fmt::format("expected a text part, got '{}'", one_line(type, 40)));
    }
    text += fields.required_string("text");
    IIE_CHECK_OK(fields.finish(true));
  }
  return text;
}

}  // namespace

Result<void> SampleList::add(Sample sample, const Place& place) {
  const auto [found, fresh] = places_.try_emplace(sample.id, place);
  if (!fresh) {
    const Place& before = found->second;
    return fail(ErrorKind::bad_input,
                fmt::format("{}: sample id '{}' is that of {} already; every sample needs an id of "
                            "its own: remove or rename one",
                            place.full(), one_line(sample.id, 60),
                            before.name == place.name ? before.in_file() : before.full()));
  }
  samples_.push_back(std::move(sample));
  order_.push_back(place.full());
  return {};
}

Result<void> SampleList::add_derived(Sample sample, const Place& place) {
  if (const auto twin = places_.find(sample.id); twin != places_.end()) {
    const std::string id = sample.id;
    for (int copy = 2; places_.contains(sample.id); ++copy) {
      sample.id = fmt::format("{}-{}", id, copy);
    }
    log(LogLevel::warn, fmt::format("{}: the row is identical to {}; it is asked again as '{}'",
                                    place.full(), twin->second.in_file(), sample.id));
  }
  return add(std::move(sample), place);
}

Result<Dataset> SampleList::finish(std::string_view name, std::string_view format) {
  if (samples_.empty()) {
    return fail(ErrorKind::bad_input, fmt::format("{}: holds no samples", name));
  }
  Dataset dataset;
  dataset.name = file_name(name);
  dataset.format = format;
  dataset.hash = dataset_hash(samples_);
  dataset.samples = std::move(samples_);
  dataset.places = std::move(order_);
  return dataset;
}

std::string file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<void> check_slots(std::string_view text, std::initializer_list<std::string_view> allowed,
                         std::initializer_list<std::string_view> required) {
  const std::vector<std::string> known(allowed.begin(), allowed.end());
  std::vector<bool> seen(known.size());
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    std::size_t end = open + 1;
    while (end < text.size() && (text[end] == '_' || (text[end] >= 'a' && text[end] <= 'z'))) ++end;
    if (end == open + 1 || end == text.size() || text[end] != '}') continue;
    const std::string_view slot = text.substr(open + 1, end - open - 1);
    const auto at = std::ranges::find(known, slot);
    if (at == known.end()) {
      const std::string shown = one_line(slot, 40);
      return fail(ErrorKind::bad_input,
                  fmt::format("unknown slot {{{}}}{} (the slots are {{{}}})", shown,
                              did_you_mean(shown, known), join(known, "}, {")));
    }
    seen[static_cast<std::size_t>(at - known.begin())] = true;
  }
  for (const std::string_view slot : required) {
    const auto at = std::ranges::find(known, slot);
    if (!seen[static_cast<std::size_t>(at - known.begin())]) {
      return fail(ErrorKind::bad_input,
                  fmt::format("has no slot {{{}}}; the judge would not see it", slot));
    }
  }
  return {};
}

Language guess_sample_language(std::string_view text) {
  std::size_t letters = 0;
  std::size_t han = 0;
  while (!text.empty()) {
    const auto [code, length] = decode(text);
    text.remove_prefix(length);
    if (!is_letter(code)) continue;
    ++letters;
    if (is_han(code)) ++han;
  }
  return han * 10 > letters * 3 ? Language::chinese : Language::english;
}

std::string read_id(JsonFields& fields, std::string_view key, bool* numeric) {
  const bj::value* value = fields.optional_value(key);
  if (value == nullptr || value->is_null()) return {};
  if (numeric != nullptr) *numeric = value->is_number();
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  if (!value->is_string()) {
    fields.reject(
        key, fmt::format("expected a string or a whole number, got {}", json_type_name(*value)));
    return {};
  }
  std::string id(value->get_string());
  if (trim(id).empty()) fields.reject(key, "is empty");
  return id;
}

Result<std::vector<Message>> read_messages(const bj::value& input, std::string_view where) {
  std::vector<Message> messages;
  if (input.is_string()) {
    messages.push_back({Role::user, std::string(view(input.get_string()))});
  } else if (!input.is_array()) {
    return fail(ErrorKind::bad_input, fmt::format("{}: expected an array of messages, got {}",
                                                  where, json_type_name(input)));
  } else {
    for (const bj::value& element : input.get_array()) {
      const std::string here = fmt::format("{}[{}]", where, messages.size());
      JsonFields fields(element, here);
      const std::string role = fields.required_string("role");
      const bj::value* content = fields.optional_value("content");
      if (content == nullptr) fields.reject("content", "missing");
      // "developer" is what newer endpoints call the system's instructions.
      const auto known = role_from(role == "developer" ? "system" : role);
      if (!known) {
        fields.reject("role", fmt::format("unknown role '{}' (system, developer, user, assistant)",
                                          one_line(role, 40)));
      }
      IIE_CHECK_OK(fields.finish(true));
      IIE_TRY(std::string text, content_text(*content, here + ".content"));
      messages.push_back({*known, std::move(text)});
    }
  }
  if (messages.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: is empty", where));
  if (messages.back().role != Role::user) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: the last message must be the user's", where));
  }
  return messages;
}

}  // namespace iie
