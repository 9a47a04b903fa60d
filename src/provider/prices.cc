#include "provider/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/embedded.h"
#include "base/file.h"
#include "base/string_util.h"
#include "base/yaml.h"
#include "provider/http_error.h"

namespace iie {
namespace {

constexpr std::string_view kEmbedded = "prices.yaml";
// A list is some pages at most; anything larger is the wrong file.
constexpr std::size_t kLargest = 4u << 20;
// No model costs more than a million per million tokens.
constexpr double kHighest = 1e6;

const std::vector<std::string> kFields = {"models", "endpoint", "input",  "cached_input",
                                          "output", "currency", "source", "as_of"};

// Thrown and caught in this file.
struct Unfit {
  Error error;
};

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  // `line` counts from 1, 0 for none.
  [[noreturn]] void reject(int line, std::string_view what) const {
    const std::string where = line > 0 ? fmt::format("{}:{}", name_, line) : name_;
    throw Unfit{Error{ErrorKind::bad_input, fmt::format("{}: {}", where, what)}};
  }

  std::string text(const YamlNode& node, std::string_view field) const {
    if (!node.is_scalar()) reject(node.line(), fmt::format("{}: expected a text", field));
    return node.text();
  }

  double amount(const YamlNode& node, std::string_view field) const {
    const std::string digits = text(node, field);
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size() ||
        !(value >= 0) || value > kHighest) {
      reject(node.line(), fmt::format("{}: expected a price per million tokens, got '{}'", field,
                                      one_line(digits, 40)));
    }
    return value;
  }

  std::vector<std::string> names(const YamlNode& node) const {
    std::vector<std::string> out;
    if (node.is_sequence()) {
      for (const YamlNode& name : node.elements()) out.push_back(text(name, "models"));
    } else {
      out.push_back(text(node, "models"));
    }
    if (out.empty()) reject(node.line(), "models: names no model");
    for (const std::string& name : out) {
      if (trim(name).empty()) reject(node.line(), "models: an empty name");
    }
    return out;
  }

  void known_fields(const YamlNode& entry) const {
    std::vector<std::string> seen;
    for (const YamlMember& field : entry.members()) {
      const std::string name = text(field.key, "a field");
      if (std::ranges::find(kFields, name) == kFields.end()) {
        reject(field.key.line(), fmt::format("unknown field '{}'{}", one_line(name, 40),
                                             did_you_mean(name, kFields)));
      }
      if (std::ranges::find(seen, name) != seen.end()) {
        reject(field.key.line(), fmt::format("'{}' is there twice", one_line(name, 40)));
      }
      seen.push_back(name);
    }
  }

  const YamlNode& required(const YamlNode& entry, const char* field) const {
    const YamlNode& node = entry[field];
    if (!node || node.is_null()) {
      reject(entry.line(), fmt::format("'{}' is missing", field));
    }
    return node;
  }

  std::string optional_text(const YamlNode& entry, const char* field) const {
    const YamlNode& node = entry[field];
    return node && !node.is_null() ? text(node, field) : std::string();
  }

 private:
  const std::string& name_;
};

}  // namespace

Result<PriceList> PriceList::embedded() {
  const auto bytes = embedded_file(kEmbedded);
  if (!bytes) return fail(ErrorKind::bug, "the price list is not embedded");
  return parse(*bytes, std::string(kEmbedded));
}

Result<PriceList> PriceList::load(const std::string& file) {
  IIE_TRY(PriceList list, embedded());
  if (file.empty()) return list;
  IIE_TRY(const std::string text, read_file(file));
  IIE_TRY(PriceList own, parse(text, file));
  std::ranges::move(list.entries_, std::back_inserter(own.entries_));
  return own;
}

Result<PriceList> PriceList::parse(std::string_view yaml, const std::string& name) {
  if (yaml.size() > kLargest) {
    return fail(ErrorKind::bad_input, name + ": too large for a price list");
  }
  const Reader read(name);
  PriceList list;
  try {
    const auto parsed = parse_yaml(yaml);
    if (!parsed) read.reject(parsed.error().line, one_line(parsed.error().message));
    const YamlNode& root = *parsed;
    if (!root.is_map() || root.size() != 1 || !root["prices"]) {
      read.reject(root.line(), "expected 'prices:' with a list of entries");
    }
    const YamlNode& prices = root["prices"];
    if (prices.is_null()) return list;
    if (!prices.is_sequence()) read.reject(prices.line(), "prices: expected a list");
    for (const YamlNode& node : prices.elements()) {
      if (!node.is_map()) read.reject(node.line(), "expected an entry with models, input, output");
      read.known_fields(node);
      Entry entry;
      entry.models = read.names(read.required(node, "models"));
      entry.endpoint = ascii_lower(read.optional_text(node, "endpoint"));
      entry.price.input = read.amount(read.required(node, "input"), "input");
      entry.price.output = read.amount(read.required(node, "output"), "output");
      if (const YamlNode& cached = node["cached_input"]; cached && !cached.is_null()) {
        entry.price.cached_input = read.amount(cached, "cached_input");
      }
      if (const std::string currency = read.optional_text(node, "currency"); !currency.empty()) {
        if (currency.size() != 3 || !std::ranges::all_of(currency, is_ascii_alpha)) {
          read.reject(node["currency"].line(), "currency: expected a code such as USD");
        }
        entry.price.currency.clear();
        for (const char c : currency) {
          entry.price.currency += static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
        }
      }
      entry.price.source = one_line(read.optional_text(node, "source"), 200);
      entry.price.as_of = one_line(read.optional_text(node, "as_of"), 40);
      list.entries_.push_back(std::move(entry));
    }
  } catch (const Unfit& unfit) {
    return std::unexpected(unfit.error);
  }
  return list;
}

std::optional<Price> PriceList::find(std::string_view model, std::string_view endpoint) const {
  if (const std::size_t colon = model.find(':'); colon != std::string_view::npos) {
    model.remove_prefix(colon + 1);
  }
  const std::string host = ascii_lower(endpoint_name(endpoint));
  for (const Entry& entry : entries_) {
    if (!entry.endpoint.empty() && entry.endpoint != host) continue;
    if (std::ranges::find(entry.models, model) != entry.models.end()) return entry.price;
  }
  return std::nullopt;
}

}  // namespace iie
