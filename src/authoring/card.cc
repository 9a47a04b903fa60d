#include "authoring/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "base/string_util.h"
#include "core/instruction_type.h"

namespace iie {
namespace {

constexpr std::string_view kPlainCard = "cards/plain.md";

std::string percent(std::int64_t n, std::int64_t of) {
  return of == 0 ? "-"
                 : fmt::format("{:.1f} %", 100 * static_cast<double>(n) / static_cast<double>(of));
}

// Markdown's own signs in names that a file may choose freely.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : one_line(text, 80)) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

std::string mean(std::int64_t sum, std::int64_t n) {
  return n == 0 ? "-" : fmt::format("{:.0f}", static_cast<double>(sum) / static_cast<double>(n));
}

std::string type_table(const SetCounts& counts) {
  std::string out =
      "| type | | english | chinese | prompt | reference |\n|---|---|---|---|---|---|\n";
  std::vector<std::pair<std::string, std::string>> rows;  // code, name
  for (const InstructionType& type : instruction_types()) {
    rows.emplace_back(type.code, type.name + (type.headline ? "" : " (not in the overall score)"));
  }
  rows.emplace_back("(none)", "no instruction type");
  for (const auto& [code, name] : rows) {
    Lengths total;
    std::string cells;
    std::vector<std::string> prompts;
    std::vector<std::string> references;
    for (const Language language : kLanguages) {
      const auto found = counts.cells.find({code, std::string(to_string(language))});
      const Lengths here = found == counts.cells.end() ? Lengths{} : found->second;
      total.samples += here.samples;
      cells += fmt::format(" {} |", here.samples);
      prompts.push_back(mean(here.prompt, here.samples));
      references.push_back(mean(here.reference, here.samples));
    }
    if (total.samples == 0) continue;
    out += fmt::format("| {} | {} |{} {} | {} |\n", code, name, cells, join(prompts, " / "),
                       join(references, " / "));
  }
  return out + "\nLengths are mean characters without white space, English / Chinese.\n";
}

std::string domain_list(const SetCounts& counts) {
  std::vector<std::pair<std::string, std::int64_t>> order(counts.domains.begin(),
                                                          counts.domains.end());
  std::ranges::stable_sort(order, std::greater{}, &std::pair<std::string, std::int64_t>::second);
  std::vector<std::string> parts;
  for (const auto& [domain, n] : order) parts.push_back(fmt::format("{} {}", cell(domain), n));
  return parts.empty() ? "none stated" : join(parts, ", ");
}

std::string file_table(const SetCounts& counts) {
  std::string out = "| file | items |\n|---|---|\n";
  for (const auto& [file, n] : counts.files) {
    out += fmt::format("| `{}` | {} |\n", std::filesystem::path(file).filename().string(), n);
  }
  return out;
}

std::string check_list(const SetCounts& counts) {
  std::vector<std::string> rules;
  for (const auto& [rule, n] : counts.rules) rules.push_back(fmt::format("`{}` {}", rule, n));
  return fmt::format(
      "- items with checks: {} of {} ({})\n"
      "- with every inversion criterion decided by rules: {} ({})\n"
      "- complete, no judge needed: {} ({})\n"
      "- with a conventional twin: {} ({})\n"
      "- with several turns: {}\n"
      "- checks by rule, twins included: {}\n",
      counts.checked, counts.samples, percent(counts.checked, counts.samples),
      counts.inversions_decided, percent(counts.inversions_decided, counts.samples),
      counts.complete, percent(counts.complete, counts.samples), counts.twins,
      percent(counts.twins, counts.samples), counts.several_turns,
      rules.empty() ? "none" : join(rules, ", "));
}

std::string gold_table(const GoldCounts& gold) {
  return fmt::format(
      "| gold responses | written | as meant |\n|---|---|---|\n"
      "| compliant: every check is met | {} | {} |\n"
      "| inertial: a check finds it broken | {} | {}{} |\n"
      "| conventional: every check of the twin is met | {} | {} |\n",
      gold.compliant, gold.compliant_pass, gold.inertial, gold.inertial_fail,
      gold.inertial_judge == 0 ? "" : fmt::format("; {} left to a judge", gold.inertial_judge),
      gold.conventional, gold.conventional_pass);
}

std::string value_list(const std::map<std::string, std::int64_t>& values) {
  std::string out;
  for (const auto& [value, n] : values) out += fmt::format("- {}: {} items\n", cell(value), n);
  return out.empty() ? "- not stated\n" : out;
}

// The hub's size classes.
std::string_view size_class(std::int64_t samples) {
  return samples < 1000 ? "n<1K" : samples < 10'000 ? "1K<n<10K" : "10K<n<100K";
}

std::string slot(std::string_view name, const Validation& validation) {
  const SetCounts& counts = validation.counts;
  if (name == "name") return cell(validation.name);
  if (name == "samples") return std::to_string(counts.samples);
  if (name == "pairs") return std::to_string(counts.pairs);
  if (name == "size_class") return std::string(size_class(counts.samples));
  if (name == "hash") return validation.hash;
  if (name == "files") return file_table(counts);
  if (name == "types") return type_table(counts);
  if (name == "domains") return domain_list(counts);
  if (name == "domain_count") return std::to_string(counts.domains.size());
  if (name == "checks") return check_list(counts);
  if (name == "gold") return gold_table(counts.gold);
  if (name == "review") return value_list(counts.reviewed);
  if (name == "licenses") return value_list(counts.licenses);
  return fmt::format("{{{{{}}}}}", name);
}

}  // namespace

std::string dataset_card(const Validation& validation) {
  // An embedded folder has prose of its own.
  const auto own = embedded_file(fmt::format("cards/{}.md", validation.name));
  std::string_view text = own ? *own : embedded_file(kPlainCard).value_or("");
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find("{{");
    const std::size_t end = begin == std::string_view::npos ? begin : text.find("}}", begin);
    if (end == std::string_view::npos) break;
    out += text.substr(0, begin);
    std::string filled = slot(text.substr(begin + 2, end - begin - 2), validation);
    // A table brings its own line break.
    text.remove_prefix(end + 2);
    if (filled.ends_with('\n') && text.starts_with('\n')) filled.pop_back();
    out += filled;
  }
  return out + std::string(text);
}

}  // namespace iie
