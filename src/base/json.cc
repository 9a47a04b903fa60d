#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/string_util.h"

namespace iie {
namespace {

namespace bj = boost::json;

enum class Refusal { none, number_range, duplicate_key };

// Builds a value from basic_parser's events.
class Builder {
 public:
  Builder() { open_.reserve(8); }

  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using Code = bj::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open_.push_back({bj::value(bj::object_kind), {}});
    return true;
  }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code&) {
    open_.push_back({bj::value(bj::array_kind), {}});
    return true;
  }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(bj::string_view part, std::size_t, Code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(bj::string_view part, std::size_t, Code& code) {
    const bj::string_view key = whole(part);
    Open& object = open_.back();
    if (object.value.get_object().contains(key)) return refuse(Refusal::duplicate_key, code);
    object.key.assign(key.data(), key.size());
    text_.clear();
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, Code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(bj::string_view part, std::size_t, Code&) {
    add(bj::value(whole(part)));
    text_.clear();
    return true;
  }
  bool on_number_part(bj::string_view part, Code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, bj::string_view, Code&) {
    text_.clear();
    add(bj::value(number));
    return true;
  }
  bool on_uint64(std::uint64_t number, bj::string_view, Code&) {
    text_.clear();
    add(bj::value(number));
    return true;
  }
  bool on_double(double, bj::string_view part, Code& code) {
    text_.append(part.data(), part.size());
    double number = 0;
    const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
    const bool whole = end == text_.data() + text_.size();
    const bool underflow = status == std::errc::result_out_of_range && is_tiny(text_);
    text_.clear();
    if (underflow) number = 0;
    if (!underflow && (status != std::errc() || !whole)) {
      return refuse(Refusal::number_range, code);
    }
    add(bj::value(number));
    return true;
  }
  bool on_bool(bool flag, Code&) {
    add(bj::value(flag));
    return true;
  }
  bool on_null(Code&) {
    add(bj::value(nullptr));
    return true;
  }
  bool on_comment_part(bj::string_view, Code&) { return true; }
  bool on_comment(bj::string_view, Code&) { return true; }

  bj::value take() { return std::move(result_); }
  Refusal refusal() const { return refusal_; }

 private:
  struct Open {
    bj::value value;
    std::string key;
  };

  // A string or key whose last part this is; most come in one.
  bj::string_view whole(bj::string_view last) {
    if (text_.empty()) return last;
    text_.append(last.data(), last.size());
    return text_;
  }
  static bool is_tiny(const std::string& text) {
    return text.find("e-") != std::string::npos || text.find("E-") != std::string::npos;
  }
  bool refuse(Refusal refusal, Code& code) {
    refusal_ = refusal;
    code = bj::error::syntax;
    return false;
  }
  bool close() {
    bj::value done = std::move(open_.back().value);
    open_.pop_back();
    add(std::move(done));
    return true;
  }
  void add(bj::value value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (Open& top = open_.back(); top.value.is_object()) {
      top.value.get_object().emplace(top.key, std::move(value));
    } else {
      top.value.get_array().push_back(std::move(value));
    }
  }

  std::vector<Open> open_;
  std::string text_;
  bj::value result_;
  Refusal refusal_ = Refusal::none;
};

std::string position(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = at - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

std::string_view describe(const bj::error_code& code, Refusal refusal) {
  switch (refusal) {
    case Refusal::number_range:
      return "number out of range";
    case Refusal::duplicate_key:
      return "duplicate key";
    case Refusal::none:
      break;
  }
  switch (static_cast<bj::error>(code.value())) {
    case bj::error::incomplete:
      return "unexpected end of JSON";
    case bj::error::extra_data:
      return "extra text behind the JSON value";
    case bj::error::expected_hex_digit:
      return "expected a hexadecimal digit";
    case bj::error::expected_utf16_escape:
    case bj::error::illegal_leading_surrogate:
    case bj::error::illegal_trailing_surrogate:
      return "broken surrogate pair in a string";
    case bj::error::exponent_overflow:
      return "number out of range";
    case bj::error::too_deep:
      return "nested too deeply";
    default:
      return "not valid JSON";
  }
}

Result<bj::value> parse(std::string_view text, std::size_t* consumed) {
  std::size_t skipped = 0;
  if (text.starts_with("\xEF\xBB\xBF")) skipped = 3;
  const std::string_view body = text.substr(skipped);
  bj::parse_options options;
  options.max_depth = kMaxJsonDepth;
  bj::basic_parser<Builder> parser(options);
  bj::error_code code;
  std::size_t used = 0;
  try {
    // "more" is false, so a number at the very end is complete.
    used = parser.write_some(false, body.data(), body.size(), code);
    if (!code && consumed == nullptr) {
      const std::string_view rest = body.substr(used);
      const auto extra = std::ranges::find_if(
          rest, [](char c) { return c != ' ' && c != '\t' && c != '\n' && c != '\r'; });
      if (extra != rest.end()) {
        used += static_cast<std::size_t>(extra - rest.begin());
        code = bj::error::extra_data;
      }
    }
  } catch (const std::exception& e) {
    return fail(ErrorKind::bad_input, fmt::format("JSON: {}", e.what()));
  }
  if (code) {
    return fail(ErrorKind::bad_input, fmt::format("{}: {}", position(text, skipped + used),
                                                  describe(code, parser.handler().refusal())));
  }
  if (consumed != nullptr) *consumed = skipped + used;
  return parser.handler().take();
}

enum class Style { compact, canonical, pretty };

std::vector<const bj::key_value_pair*> sorted_by_key(const bj::object& object) {
  std::vector<const bj::key_value_pair*> fields;
  fields.reserve(object.size());
  for (const bj::key_value_pair& field : object) fields.push_back(&field);
  std::ranges::sort(fields, {}, [](const bj::key_value_pair* field) { return field->key(); });
  return fields;
}

void write(std::string& out, const bj::value& value, Style style, int indent) {
  const auto line = [&](int depth) {
    if (style == Style::pretty) {
      out += '\n';
      out.append(2 * static_cast<std::size_t>(depth), ' ');
    }
  };
  switch (value.kind()) {
    case bj::kind::null:
      out += "null";
      return;
    case bj::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case bj::kind::int64:
      out += std::to_string(value.get_int64());
      return;
    case bj::kind::uint64:
      out += std::to_string(value.get_uint64());
      return;
    case bj::kind::double_:
      append_json_number(out, value.get_double());
      return;
    case bj::kind::string: {
      const bj::string& text = value.get_string();
      append_json_string(out, {text.data(), text.size()});
      return;
    }
    case bj::kind::array: {
      const bj::array& array = value.get_array();
      out += '[';
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (i > 0) out += ',';
        line(indent + 1);
        write(out, array[i], style, indent + 1);
      }
      if (!array.empty()) line(indent);
      out += ']';
      return;
    }
    case bj::kind::object: {
      const bj::object& object = value.get_object();
      bool first = true;
      const auto write_field = [&](const bj::key_value_pair& field) {
        if (!std::exchange(first, false)) out += ',';
        line(indent + 1);
        append_json_string(out, {field.key().data(), field.key().size()});
        out += style == Style::pretty ? ": " : ":";
        write(out, field.value(), style, indent + 1);
      };
      out += '{';
      if (style == Style::canonical) {
        for (const bj::key_value_pair* field : sorted_by_key(object)) write_field(*field);
      } else {
        for (const bj::key_value_pair& field : object) write_field(field);
      }
      if (!object.empty()) line(indent);
      out += '}';
      return;
    }
  }
}

// Of a byte in a string.
enum class Class : unsigned char { plain, escaped, beyond_ascii };

constexpr std::array<Class, 256> make_classes() {
  std::array<Class, 256> classes{};
  for (int i = 0; i < 0x20; ++i) classes[i] = Class::escaped;
  classes['"'] = classes['\\'] = Class::escaped;
  for (int i = 0x80; i < 0x100; ++i) classes[i] = Class::beyond_ascii;
  return classes;
}
constexpr auto kClasses = make_classes();

Class class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// Whether every one of eight bytes is plain: the top bit of a byte tells, as in "Bit Twiddling
// Hacks" (Anderson), "Determine if a word has a byte less than n" and "a zero byte".
bool all_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x80 * kOnes;
  const auto less = [](std::uint64_t bytes, std::uint64_t than) {
    return (bytes - than * kOnes) & ~bytes;
  };
  const std::uint64_t not_plain =
      word | less(word, 0x20) | less(word ^ ('"' * kOnes), 1) | less(word ^ ('\\' * kOnes), 1);
  return (not_plain & kTops) == 0;
}

// How much of the beginning stands in JSON as it is.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if (!all_plain(word)) break;
  }
  while (at < text.size() && class_of(text[at]) == Class::plain) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::size_t end = plain_prefix(text);
    while (end < text.size() && class_of(text[end]) == Class::beyond_ascii) ++end;
    out.append(text.substr(0, end));
    text.remove_prefix(end);
    if (!text.empty() && class_of(text.front()) == Class::escaped) {
      append_escape(out, text.front());
      text.remove_prefix(1);
    }
  }
}

}  // namespace

Result<bj::value> parse_json(std::string_view text) { return parse(text, nullptr); }

Result<bj::value> parse_json_prefix(std::string_view text, std::size_t& consumed) {
  return parse(text, &consumed);
}

std::string to_json(const bj::value& value) {
  std::string out;
  write(out, value, Style::compact, 0);
  return out;
}

std::string to_pretty_json(const bj::value& value) {
  std::string out;
  write(out, value, Style::pretty, 0);
  out += '\n';
  return out;
}

std::string to_canonical_json(const bj::value& value) {
  std::string out;
  write(out, value, Style::canonical, 0);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (plain_prefix(text) == text.size()) {
    out += text;
  } else if (is_valid_utf8(text)) {
    append_escaped(out, text);
  } else {
    append_escaped(out, to_valid_utf8(text));
  }
  out += '"';
}

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {  // JSON has no such numbers: unknown, never zero
    out += "null";
    return;
  }
  if (number == 0 && std::signbit(number)) {
    out += "-0.0";  // "-0" would be read as the whole number 0
    return;
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

std::string_view json_type_name(const bj::value& value) {
  switch (value.kind()) {
    case bj::kind::null:
      return "null";
    case bj::kind::bool_:
      return "a boolean";
    case bj::kind::string:
      return "a string";
    case bj::kind::array:
      return "an array";
    case bj::kind::object:
      return "an object";
    default:
      return "a number";
  }
}

JsonFields::JsonFields(const bj::value& value, std::string where) : where_(std::move(where)) {
  if (value.is_object()) {
    object_ = &value.get_object();
    known_.reserve(object_->size());
  } else {
    error_ = Error{ErrorKind::bad_input,
                   fmt::format("{}expected an object, got {}", where_.empty() ? "" : where_ + ": ",
                               json_type_name(value))};
  }
}

const bj::value* JsonFields::find(std::string_view key) {
  known_.emplace_back(key);
  return object_ == nullptr ? nullptr : object_->if_contains({key.data(), key.size()});
}

void JsonFields::reject(std::string_view key, std::string message) {
  if (error_) return;
  const std::string path = where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
  error_ = Error{ErrorKind::bad_input, fmt::format("{}: {}", path, message)};
}

void JsonFields::mistyped(std::string_view key, std::string_view expected, const bj::value& got) {
  reject(key, fmt::format("expected {}, got {}", expected, json_type_name(got)));
}

std::string JsonFields::required_string(std::string_view key) {
  const bj::value* value = find(key);
  if (value == nullptr) {
    reject(key, "missing");
  } else if (!value->is_string()) {
    mistyped(key, "a string", *value);
  } else {
    return std::string(value->get_string());
  }
  return {};
}

std::string JsonFields::string_or(std::string_view key, std::string_view fallback) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return std::string(fallback);
  if (value->is_string()) return std::string(value->get_string());
  mistyped(key, "a string", *value);
  return std::string(fallback);
}

std::optional<std::int64_t> JsonFields::optional_int(std::string_view key) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  mistyped(key, "a whole number", *value);
  return std::nullopt;
}

std::optional<double> JsonFields::optional_number(std::string_view key) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  if (value->is_uint64()) return static_cast<double>(value->get_uint64());
  mistyped(key, "a number", *value);
  return std::nullopt;
}

bool JsonFields::bool_or(std::string_view key, bool fallback) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return fallback;
  if (value->is_bool()) return value->get_bool();
  mistyped(key, "true or false", *value);
  return fallback;
}

std::vector<std::string> JsonFields::strings_or_empty(std::string_view key, bool allow_single) {
  const bj::value* value = find(key);
  std::vector<std::string> out;
  if (value == nullptr || value->is_null()) return out;
  if (allow_single && value->is_string()) return {std::string(value->get_string())};
  if (!value->is_array()) {
    mistyped(key, "an array of strings", *value);
    return out;
  }
  for (const bj::value& element : value->get_array()) {
    if (!element.is_string()) {
      mistyped(fmt::format("{}[{}]", key, out.size()), "a string", element);
      return out;
    }
    out.emplace_back(element.get_string());
  }
  return out;
}

const bj::object* JsonFields::optional_object(std::string_view key) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_object()) return &value->get_object();
  mistyped(key, "an object", *value);
  return nullptr;
}

const bj::array* JsonFields::optional_array(std::string_view key) {
  const bj::value* value = find(key);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_array()) return &value->get_array();
  mistyped(key, "an array", *value);
  return nullptr;
}

const bj::value* JsonFields::optional_value(std::string_view key) { return find(key); }

bool JsonFields::has(std::string_view key) const {
  return object_ != nullptr && object_->contains({key.data(), key.size()});
}

void JsonFields::ignore(std::string_view key) { known_.emplace_back(key); }

Result<void> JsonFields::finish(bool allow_unknown) {
  if (!error_ && !allow_unknown && object_ != nullptr) {
    for (const auto& field : *object_) {
      const std::string_view key(field.key().data(), field.key().size());
      if (std::ranges::find(known_, key) == known_.end()) {
        reject(one_line(key, 60), "unknown field" + did_you_mean(key, known_));
      }
    }
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace iie
