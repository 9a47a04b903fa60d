#include "provider/wire_json.h"

#include <simdjson.h>

#include <bit>
#include <type_traits>

#include "base/string_util.h"

namespace iie {
namespace {

namespace dom = simdjson::dom;

// A parser keeps the memory of its largest document; one this large is given back.
constexpr std::size_t kKeptCapacity = 4u << 20;

// Replaces \uXXXX escapes of surrogates that have no partner by \ufffd, which JSON permits and
// Unicode does not: some servers cut a character in two.
std::string mend_escapes(std::string_view json) {
  const auto unit = [&](std::size_t at) -> unsigned {  // of the escape at `at`; 0 for none
    if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return 0;
    unsigned value = 0;
    for (const char c : json.substr(at + 2, 4)) {
      const char lower = ascii_lower(c);
      if (is_ascii_digit(c)) {
        value = value * 16 + static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
      } else {
        return 0;
      }
    }
    return value;
  };
  std::string out;
  out.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] != '\\') {
      out += json[at++];
      continue;
    }
    const unsigned first = unit(at);
    std::size_t length = first != 0 ? 6 : 2;
    if (first >= 0xD800 && first <= 0xDFFF) {
      const unsigned second = unit(at + 6);
      if (first <= 0xDBFF && second >= 0xDC00 && second <= 0xDFFF) {
        length = 12;
      } else {
        out += "\\ufffd";
        at += 6;
        continue;
      }
    }
    out += json.substr(at, length);
    at += length;
  }
  return out;
}

}  // namespace

// A WireValue is an element's bytes: a document and a place in it.
struct WireAccess {
  static_assert(std::is_trivially_copyable_v<dom::element> &&
                sizeof(dom::element) == sizeof(WireValue));

  static dom::element element(const WireValue& value) { return std::bit_cast<dom::element>(value); }
  static WireValue value(const dom::element& element) { return std::bit_cast<WireValue>(element); }

  static std::optional<dom::element> member(const WireValue& value, std::string_view key) {
    dom::element found;
    if (element(value)[key].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
    return found;
  }

  template <typename T>
  static std::optional<T> get(const WireValue& value, std::string_view key) {
    const auto found = member(value, key);
    T result{};
    if (!found || found->get(result) != simdjson::SUCCESS) return std::nullopt;
    return result;
  }
};

bool WireValue::is_object() const { return WireAccess::element(*this).is_object(); }

std::optional<std::string_view> WireValue::text() const {
  std::string_view text;
  if (WireAccess::element(*this).get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<WireValue> WireValue::member(std::string_view key) const {
  const auto found = WireAccess::member(*this, key);
  if (!found) return std::nullopt;
  return WireAccess::value(*found);
}

std::optional<std::string_view> WireValue::text(std::string_view key) const {
  return WireAccess::get<std::string_view>(*this, key);
}

std::optional<std::int64_t> WireValue::count(std::string_view key) const {
  // More than any reply counts is no count, and sums of what is left cannot overflow.
  constexpr std::int64_t kMost = 1'000'000'000'000;
  const auto count = WireAccess::get<std::int64_t>(*this, key);
  return count && *count >= 0 && *count <= kMost ? count : std::nullopt;
}

bool WireValue::flag(std::string_view key) const {
  return WireAccess::get<bool>(*this, key).value_or(false);
}

std::optional<std::vector<WireValue>> WireValue::list(std::string_view key) const {
  const auto array = WireAccess::get<dom::array>(*this, key);
  if (!array) return std::nullopt;
  std::vector<WireValue> values;
  for (const dom::element element : *array) values.push_back(WireAccess::value(element));
  return values;
}

std::string WireValue::scalar(std::string_view key) const {
  const auto found = WireAccess::member(*this, key);
  if (!found) return {};
  std::string_view text;
  if (found->get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(*found);
}

struct WireParser::State {
  dom::parser parser;
};

WireParser::WireParser() : state_(std::make_unique<State>()) {}
WireParser::~WireParser() = default;

std::expected<WireValue, std::string_view> WireParser::parse(const std::string& json) {
  was_mended_ = false;
  mended_.clear();
  if (state_->parser.capacity() > kKeptCapacity) state_ = std::make_unique<State>();
  dom::element root;
  const auto parse_one = [&](const std::string& text) {
    const bool padded = text.capacity() - text.size() >= simdjson::SIMDJSON_PADDING;
    return state_->parser.parse(text.data(), text.size(), /*realloc_if_needed=*/!padded).get(root);
  };
  auto failure = parse_one(json);
  if (failure == simdjson::UTF8_ERROR) {
    was_mended_ = true;
    mended_ = to_valid_utf8(json);
    failure = parse_one(mended_);
  }
  if (failure == simdjson::STRING_ERROR) {
    was_mended_ = true;
    mended_ = mend_escapes(mended_.empty() ? json : mended_);
    failure = parse_one(mended_);
  }
  if (failure != simdjson::SUCCESS) {
    return std::unexpected(std::string_view(simdjson::error_message(failure)));
  }
  return WireAccess::value(root);
}

}  // namespace iie
