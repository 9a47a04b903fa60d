// `data validate`, `data card` and `data fresh`.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <cstdint>
#include <utility>

#include "authoring/card.h"
#include "authoring/fresh.h"
#include "authoring/validate.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "report/plain_text.h"

namespace iie {
namespace {

namespace bj = boost::json;

// A terminal shows so many problems; a script gets all of them.
constexpr std::size_t kShownProblems = 200;

std::string_view to_string(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

bj::object numbers(const std::map<std::string, std::int64_t>& counts) {
  bj::object out;
  for (const auto& [name, n] : counts) out[name] = n;
  return out;
}

bj::object counts_json(const SetCounts& counts) {
  bj::array cells;
  for (const auto& [cell, lengths] : counts.cells) {
    const auto n = static_cast<double>(lengths.samples);
    cells.push_back(
        bj::object{{"type", cell.first},
                   {"language", cell.second},
                   {"samples", lengths.samples},
                   {"mean_prompt_characters", static_cast<double>(lengths.prompt) / n},
                   {"mean_reference_characters", static_cast<double>(lengths.reference) / n}});
  }
  const GoldCounts& gold = counts.gold;
  bj::array left_to_judge;
  for (const std::string& id : gold.inertial_judge_ids) left_to_judge.emplace_back(id);
  return {{"samples", counts.samples},
          {"further_samples", counts.further},
          {"pairs", counts.pairs},
          {"cells", std::move(cells)},
          {"domains", numbers(counts.domains)},
          {"files", numbers(counts.files)},
          {"rules", numbers(counts.rules)},
          {"with_checks", counts.checked},
          {"complete_checks", counts.complete},
          {"inversions_decided", counts.inversions_decided},
          {"twins", counts.twins},
          {"several_turns", counts.several_turns},
          {"gold", bj::object{{"compliant", gold.compliant},
                              {"compliant_pass", gold.compliant_pass},
                              {"inertial", gold.inertial},
                              {"inertial_fail", gold.inertial_fail},
                              {"inertial_left_to_judge", gold.inertial_judge},
                              {"left_to_judge_ids", std::move(left_to_judge)},
                              {"conventional", gold.conventional},
                              {"conventional_pass", gold.conventional_pass}}}};
}

std::string json_report(const Validation& validation, bool clean) {
  bj::array problems;
  for (const Problem& problem : validation.problems) {
    bj::object one{{"severity", to_string(problem.severity).data()},
                   {"code", problem.code},
                   {"message", problem.message}};
    if (!problem.file.empty()) one["file"] = problem.file;
    if (problem.line > 0) one["line"] = static_cast<std::int64_t>(problem.line);
    if (!problem.id.empty()) one["id"] = problem.id;
    if (!problem.field.empty()) one["field"] = problem.field;
    problems.push_back(std::move(one));
  }
  return to_pretty_json(bj::object{{"name", validation.name},
                                   {"clean", clean},
                                   {"errors", static_cast<std::int64_t>(validation.errors())},
                                   {"warnings", static_cast<std::int64_t>(validation.warnings())},
                                   {"hash", validation.hash},
                                   {"whole", validation.whole},
                                   {"counts", counts_json(validation.counts)},
                                   {"problems", std::move(problems)}});
}

// "data/open/qc.jsonl:3: error: gold[0]: ... [compliant-fails]", as compilers write it.
std::string problem_line(const Problem& problem, const std::string& set) {
  std::string out = safe_excerpt(problem.file.empty() ? set : problem.file, 200);
  if (problem.line > 0) out += fmt::format(":{}", problem.line);
  out += fmt::format(": {}: ", to_string(problem.severity));
  if (!problem.id.empty()) out += safe_excerpt(problem.id, 80) + ": ";
  if (!problem.field.empty()) out += safe_excerpt(problem.field, 120) + ": ";
  return out + fmt::format("{} [{}]\n", safe_excerpt(problem.message, 600), problem.code);
}

std::string plural(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string text_report(const Validation& validation, bool clean) {
  std::string out;
  std::size_t shown = 0;
  for (const Problem& problem : validation.problems) {
    if (shown++ == kShownProblems) {
      out += fmt::format("... {} more (--format json lists all)\n",
                         validation.problems.size() - kShownProblems);
      break;
    }
    out += problem_line(problem, validation.name);
  }
  const SetCounts& counts = validation.counts;
  const GoldCounts& gold = counts.gold;
  if (!out.empty()) out += '\n';
  out += fmt::format(
      "{}: {} items{}, {} pairs, {} types, {} domains\n", safe_excerpt(validation.name, 120),
      counts.samples,
      counts.further == 0 ? "" : fmt::format(" ({} of further types)", counts.further),
      counts.pairs,
      [&] {
        std::map<std::string, int> types;
        for (const auto& [cell, lengths] : counts.cells) ++types[cell.first];
        return types.size();
      }(),
      counts.domains.size());
  out += fmt::format(
      "checks: {} items have some, {} have every inversion decided, {} are complete; "
      "{} twins\n",
      counts.checked, counts.inversions_decided, counts.complete, counts.twins);
  out += fmt::format(
      "gold: {} of {} compliant pass, {} of {} inertial fail{}, {} of {} conventional "
      "pass\n",
      gold.compliant_pass, gold.compliant, gold.inertial_fail, gold.inertial,
      gold.inertial_judge == 0 ? "" : fmt::format(" ({} left to a judge)", gold.inertial_judge),
      gold.conventional_pass, gold.conventional);
  out +=
      fmt::format("{}: {}, {}\n", clean ? "clean" : "not clean",
                  plural(validation.errors(), "error"), plural(validation.warnings(), "warning"));
  return out;
}

}  // namespace

Result<int> cmd_data_validate(const DataValidateOptions& options) {
  ValidateOptions what;
  if (!options.names.empty()) what.names = options.names;
  what.against = options.against;
  IIE_TRY(const Validation validation, validate_dataset(what));
  const bool clean = validation.errors() == 0 && (!options.strict || validation.problems.empty());
  print(options.output.format == "json" ? json_report(validation, clean)
                                        : text_report(validation, clean));
  return clean ? kExitOk : kExitBadInput;
}

Result<int> cmd_data_card(const DataCardOptions& options) {
  ValidateOptions what;
  what.names = {options.name};
  IIE_TRY(const Validation validation, validate_dataset(what));
  const std::string card = dataset_card(validation);
  if (options.out.empty() || options.out == "-") {
    print(options.output.format == "json"
              ? to_pretty_json(bj::object{{"name", validation.name}, {"card", card}})
              : card);
    return kExitOk;
  }
  IIE_CHECK_OK(write_file(options.out, card));
  note(options.output, fmt::format("Wrote {}", options.out));
  return kExitOk;
}

Result<int> cmd_data_fresh(const DataFreshOptions& options) {
  FreshOptions what;
  what.seed = static_cast<std::uint64_t>(options.seed);
  what.count = options.count;
  what.types = options.types;
  if (!options.language.empty()) {
    const auto language = parse_language(options.language);
    if (!language) return fail(ErrorKind::usage, language.error().message);
    what.language = *language;
  }
  IIE_TRY(const std::vector<Sample> samples, fresh_samples(what));
  std::string text;
  for (const Sample& sample : samples) text += sample_to_json(sample) + '\n';
  if (options.out.empty() || options.out == "-") {
    print(text);
    return kExitOk;
  }
  IIE_CHECK_OK(write_file(options.out, text));
  note(options.output, fmt::format("Wrote {} items to {}", samples.size(), options.out));
  return kExitOk;
}

}  // namespace iie
