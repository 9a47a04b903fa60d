#include "provider/prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
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

// The version that a list states; one that states none is of the first.
constexpr int kVersion = 2;
// No prompt is longer, and no list has more steps.
constexpr std::int64_t kLongestPrompt = 1'000'000'000;
constexpr std::size_t kMostTiers = 16;
constexpr std::size_t kMostHours = 64;

using Fields = std::vector<std::string>;
const Fields kFields1 = {"models", "endpoint", "input",  "cached_input",
                         "output", "currency", "source", "as_of"};
// Of those, what only lists of version 2 have.
const Fields kRates2 = {"cache_write", "cache_write_long"};
const Fields kParts2 = {"tiers", "off_peak"};
const Fields kRates = {"input", "cached_input", "output", "cache_write", "cache_write_long"};

Fields joined(Fields fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
const Fields kFields2 = joined(joined(kFields1, kRates2), kParts2);
const Fields kTierFields = joined(kRates, {"above"});
const Fields kOffPeakFields = joined(kRates, {"peak_utc"});

// Thrown and caught in this file.
struct Unfit {
  Error error;
};

// "01:30" as minutes since midnight, up to "24:00".
std::optional<int> parse_minute(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return hour * 60 + minute;
}

// "Mon-Fri 01:00-04:00"; without days, every day.
std::optional<Hours> parse_hours(std::string_view text) {
  constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  constexpr unsigned kEveryDay = 0x7F;
  Hours hours{.days = kEveryDay};
  if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
    const std::string days = ascii_lower(text.substr(0, space));
    text.remove_prefix(space + 1);
    const auto* const first = std::ranges::find(kDays, std::string_view(days).substr(0, 3));
    const auto* const last = days.size() == 3 ? first
                             : days.size() == 7 && days[3] == '-'
                                 ? std::ranges::find(kDays, std::string_view(days).substr(4))
                                 : std::end(kDays);
    if (first == std::end(kDays) || last == std::end(kDays) || last < first) return std::nullopt;
    unsigned bits = 0;
    for (const auto* day = first; day <= last; ++day) bits |= 1u << (day - std::begin(kDays));
    hours.days = static_cast<std::uint8_t>(bits);
  }
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = parse_minute(text.substr(0, dash));
  const auto to = parse_minute(text.substr(dash + 1));
  if (!from || !to || *from >= *to) return std::nullopt;
  hours.from = *from;
  hours.to = *to;
  return hours;
}

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

  // `what`: where, for messages; empty for an entry.
  void known_fields(const YamlNode& entry, const Fields& known, std::string_view what = {}) const {
    const std::string in = what.empty() ? std::string() : fmt::format("{}: ", what);
    std::vector<std::string> seen;
    for (const YamlMember& field : entry.members()) {
      const std::string name = text(field.key, "a field");
      if (std::ranges::find(known, name) == known.end()) {
        const bool later = std::ranges::find(kFields2, name) != kFields2.end();
        reject(field.key.line(),
               later && &known == &kFields1
                   ? fmt::format("'{}' needs 'version: {}' at the top of the list", name, kVersion)
                   : fmt::format("{}unknown field '{}'{}", in, one_line(name, 40),
                                 did_you_mean(name, known)));
      }
      if (std::ranges::find(seen, name) != seen.end()) {
        reject(field.key.line(), fmt::format("{}'{}' is there twice", in, one_line(name, 40)));
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

  static bool has(const YamlNode& entry, const char* field) {
    const YamlNode& node = entry[field];
    return node && !node.is_null();
  }

  // A whole number of at least `least`.
  std::int64_t count(const YamlNode& node, std::string_view field, std::int64_t least,
                     std::int64_t most) const {
    const std::string digits = text(node, field);
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size() ||
        value < least || value > most) {
      reject(node.line(), fmt::format("{}: expected a whole number from {} to {}, got '{}'", field,
                                      least, most, one_line(digits, 40)));
    }
    return value;
  }

  Rates rates(const YamlNode& entry) const {
    Rates rates;
    rates.input = amount(required(entry, "input"), "input");
    rates.output = amount(required(entry, "output"), "output");
    const auto optional = [&](const char* field) {
      return has(entry, field) ? std::optional(amount(entry[field], field)) : std::nullopt;
    };
    rates.cached_input = optional("cached_input");
    rates.cache_write = optional("cache_write");
    rates.cache_write_long = optional("cache_write_long");
    return rates;
  }

  std::vector<PromptTier> tiers(const YamlNode& node) const {
    if (!node.is_sequence()) reject(node.line(), "tiers: expected a list");
    if (node.size() > kMostTiers) {
      reject(node.line(), fmt::format("tiers: more than {}", kMostTiers));
    }
    std::vector<PromptTier> tiers;
    for (const YamlNode& one : node.elements()) {
      if (!one.is_map()) reject(one.line(), "tiers: expected entries with above, input, output");
      known_fields(one, kTierFields, "tiers");
      const YamlNode& above = required(one, "above");
      PromptTier& tier = tiers.emplace_back();
      tier.above = count(above, "above", 1, kLongestPrompt);
      tier.rates = rates(one);
      if (tiers.size() > 1 && tiers[tiers.size() - 2].above >= tier.above) {
        reject(above.line(), "above: tiers stand in the order of their prompts' lengths");
      }
    }
    return tiers;
  }

  OffPeak off_peak(const YamlNode& node) const {
    if (!node.is_map()) reject(node.line(), "off_peak: expected input, output and peak_utc");
    known_fields(node, kOffPeakFields, "off_peak");
    OffPeak off_peak;
    off_peak.rates = rates(node);
    const YamlNode& peak = required(node, "peak_utc");
    if (!peak.is_sequence() || peak.size() == 0 || peak.size() > kMostHours) {
      reject(peak.line(), R"(peak_utc: expected a list such as ["Mon-Fri 01:00-04:00"])");
    }
    for (const YamlNode& one : peak.elements()) {
      const std::string said = text(one, "peak_utc");
      const auto hours = parse_hours(said);
      if (!hours) {
        reject(one.line(), fmt::format("peak_utc: expected hours such as 'Mon-Fri 01:00-04:00', "
                                       "got '{}'",
                                       one_line(said, 40)));
      }
      off_peak.peak.push_back(*hours);
    }
    return off_peak;
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
    if (!root.is_map() || !root["prices"]) {
      read.reject(root.line(), "expected 'prices:' with a list of entries");
    }
    read.known_fields(root, {"version", "prices"}, "the list");
    std::int64_t version = 1;
    if (const YamlNode& said = root["version"]) {
      version = read.count(said, "version", 1, std::numeric_limits<int>::max());
      if (version > kVersion) {
        read.reject(said.line(),
                    fmt::format("version {}: this program knows lists up to version {}", version,
                                kVersion));
      }
    }
    const Fields& fields = version == 1 ? kFields1 : kFields2;
    const YamlNode& prices = root["prices"];
    if (prices.is_null()) return list;
    if (!prices.is_sequence()) read.reject(prices.line(), "prices: expected a list");
    for (const YamlNode& node : prices.elements()) {
      if (!node.is_map()) read.reject(node.line(), "expected an entry with models, input, output");
      read.known_fields(node, fields);
      Entry entry;
      entry.models = read.names(read.required(node, "models"));
      entry.endpoint = ascii_lower(read.optional_text(node, "endpoint"));
      entry.price.rates = read.rates(node);
      if (Reader::has(node, "tiers")) entry.price.tiers = read.tiers(node["tiers"]);
      if (Reader::has(node, "off_peak")) {
        if (!entry.price.tiers.empty()) {
          read.reject(node["off_peak"].line(), "off_peak: an entry has either tiers or off_peak");
        }
        entry.price.off_peak = read.off_peak(node["off_peak"]);
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
