#include "authoring/fresh_item.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <numeric>
#include <utility>

#include "base/embedded.h"
#include "base/json.h"

namespace iie::fresh {
namespace {

YamlNode load(const std::string& name) {
  const auto text = embedded_file("fresh/" + name + ".yaml");
  auto bank = parse_yaml(text.value_or(""));
  if (!bank) throw BrokenBank(name, bank.error().line, bank.error().message);
  return *std::move(bank);
}

}  // namespace

Banks load_banks() {
  return {load("facts"),    load("sentences"), load("topics"), load("sums"),
          load("classics"), load("code"),      load("frames")};
}

Maker maker_of(std::string_view type) {
  if (type == "QC") return &make_qc;
  if (type == "II") return &make_ii;
  if (type == "DIA") return &make_dia;
  if (type == "CA") return &make_ca;
  if (type == "ITF") return &make_itf;
  if (type == "CCF") return &make_ccf;
  if (type == "CC") return &make_cc;
  if (type == "MIM") return &make_mim;
  return nullptr;
}

std::string fill(std::string_view text,
                 const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find('{');
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    const auto found = std::ranges::find(values, name, &std::pair<std::string, std::string>::first);
    if (found == values.end()) {  // braces of code
      out += text.substr(0, begin + 1);
      text.remove_prefix(begin + 1);
      continue;
    }
    out += text.substr(0, begin);
    out += found->second;
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

std::vector<std::size_t> choose(Rng& rng, std::size_t n, std::size_t k) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < k; ++i) std::swap(all[i], all[i + rng.below(n - i)]);
  all.resize(k);
  return all;
}

Frame draw_frame(const Banks& banks, Rng& rng, const char* type) {
  const YamlNode& frame = banks.frames[type];
  Frame out;
  out.open = rng.below(frame["open"]["en"].size());
  out.close = rng.below(frame["close"]["en"].size());
  return out;
}

std::string opening(const Banks& banks, const char* type, Frame frame, Language language) {
  const std::string key(code_of(language));
  return text_of(banks.frames[type]["open"][key][frame.open]);
}

std::string closing(const Banks& banks, const char* type, Frame frame, Language language) {
  const std::string key(code_of(language));
  return text_of(banks.frames[type]["close"][key][frame.close]);
}

BrokenBank::BrokenBank(std::string_view what, int line, std::string_view why)
    : std::runtime_error(fmt::format("{} (line {}): {}", what, line, why)) {}

const std::string& text_of(const YamlNode& node) {
  if (!node.is_scalar()) throw BrokenBank("a text", node.line(), "is missing or something else");
  return node.text();
}

std::int64_t whole_of(const YamlNode& node) {
  const std::string& digits = text_of(node);
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc() || end != digits.data() + digits.size()) {
    throw BrokenBank(digits, node.line(), "is no whole number");
  }
  return number;
}

std::vector<std::string> texts(const YamlNode& list) {
  if (!list.is_sequence()) throw BrokenBank("a list", list.line(), "is missing or something else");
  std::vector<std::string> out;
  for (const YamlNode& text : list.elements()) out.push_back(text_of(text));
  return out;
}

void ask(Question& question, std::string text) {
  question.messages = {{Role::user, std::move(text)}};
}

void criterion(Question& question, const char* id, CriterionKind kind, std::string text) {
  question.rubric.push_back({id, kind, std::move(text)});
}

void check(Question& question, const char* criterion, const char* rule, const std::string& params) {
  // As a sample that is read has them.
  const auto json = parse_json(params);
  question.checks.push_back({rule, criterion, json ? to_canonical_json(*json) : params});
}

void gold(Question& question, GoldKind kind, std::string response) {
  question.gold.push_back({kind, std::move(response)});
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    append_json_string(out, text);
  }
  return out + "]";
}

std::string join_sentences(const std::vector<std::string>& sentences, Language language) {
  std::string out;
  for (const std::string& sentence : sentences) {
    if (!out.empty() && is_english(language)) out += ' ';
    out += sentence;
  }
  return out;
}

}  // namespace iie::fresh
