#include "rules/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

#include "base/string_util.h"
#include "rules/instructions.h"
#include "rules/part.h"

namespace iie {
namespace {

// Every rule by name, from the families.
const std::vector<RuleDefinition>& definitions() {
  static const std::vector<RuleDefinition> all = [] {
    std::vector<RuleDefinition> out;
    for (const RuleFamily family :
         {casing_rules(), choice_rules(), code_rules(), comment_rules(), count_rules(),
          edge_rules(), final_answer_rules(), identifier_rules(), k_of_n_rules(), markdown_rules(),
          mention_rules(), option_rules(), pattern_rules(), punctuation_rules(), remark_rules(),
          same_rules(), spelling_rules(), unmarked_rules()}) {
      out.insert(out.end(), family.begin(), family.end());
    }
    std::ranges::sort(out, {}, [](const RuleDefinition& rule) { return rule.info.name; });
    return out;
  }();
  return all;
}

Result<CompiledRule> compile(const Check& check, const std::string& where) {
  const auto& all = definitions();
  const auto found = std::ranges::find(all, std::string_view(check.rule),
                                       [](const RuleDefinition& rule) { return rule.info.name; });
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const RuleDefinition& rule : all) names.emplace_back(rule.info.name);
    return fail(ErrorKind::bad_input,
                fmt::format("{}: unknown rule '{}'{}", where, one_line(check.rule, 60),
                            did_you_mean(check.rule, names)));
  }
  const std::string params_where = fmt::format("{} ({}): params", where, check.rule);
  const auto json = parse_json(check.params.empty() ? std::string_view("{}") : check.params);
  if (!json) {
    return fail(ErrorKind::bad_input, fmt::format("{}: {}", params_where, json.error().message));
  }
  JsonFields fields(*json, params_where);
  std::optional<Part> part;
  if (const auto* const value = fields.optional_value("part")) {
    JsonFields part_fields(*value, params_where + ".part");
    part = read_part(part_fields);
    IIE_CHECK_OK(part_fields.finish());
  }
  CompiledRule rule = found->compile(fields);
  IIE_CHECK_OK(fields.finish());
  return part ? on_part(*part, std::move(rule)) : rule;
}

}  // namespace

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::met:
      return "met";
    case Decision::broken:
      return "broken";
    case Decision::undecided:
      return "undecided";
  }
  return "";
}

struct CompiledChecks::Impl {
  struct One {
    std::string rule;
    std::string criterion;
    CompiledRule run;
  };
  std::vector<One> checks;
};

CompiledChecks::CompiledChecks() : impl_(std::make_unique<const Impl>()) {}
CompiledChecks::CompiledChecks(CompiledChecks&&) noexcept = default;
CompiledChecks& CompiledChecks::operator=(CompiledChecks&&) noexcept = default;
CompiledChecks::~CompiledChecks() = default;

std::size_t CompiledChecks::size() const { return impl_->checks.size(); }

std::vector<CheckResult> CompiledChecks::run(std::string_view response) const {
  const ResponseView view(response);
  std::vector<CheckResult> out;
  out.reserve(impl_->checks.size());
  for (const Impl::One& check : impl_->checks) {
    Finding finding = check.run(view);
    out.push_back({check.criterion, check.rule, finding.decision, one_line(finding.reason, 400)});
  }
  return out;
}

Result<CompiledChecks> compile_checks(const Question& question, std::string_view where) {
  auto impl = std::make_unique<CompiledChecks::Impl>();
  for (std::size_t i = 0; i < question.checks.size(); ++i) {
    const Check& check = question.checks[i];
    const std::string here = fmt::format("{}{}checks[{}]", where, where.empty() ? "" : ": ", i);
    IIE_TRY(CompiledRule rule, compile(check, here));
    impl->checks.push_back({check.rule, check.criterion, std::move(rule)});
  }
  CompiledChecks out;
  out.impl_ = std::move(impl);
  return out;
}

Result<void> validate_checks(const std::vector<Sample>& samples, const SampleNamer& name) {
  for (const Sample& sample : samples) {
    const std::string where = name ? name(sample) : "sample " + one_line(sample.id, 80);
    IIE_CHECK_OK(compile_checks(sample.question, where));
    if (sample.twin) IIE_CHECK_OK(compile_checks(*sample.twin, where + ": twin"));
    IIE_CHECK_OK(compile_instructions(sample.instructions, where,
                                      sample.language.value_or(Language::english)));
  }
  return {};
}

const std::vector<RuleInfo>& rules() {
  static const std::vector<RuleInfo> all = [] {
    std::vector<RuleInfo> out;
    for (const RuleDefinition& rule : definitions()) out.push_back(rule.info);
    return out;
  }();
  return all;
}

std::string Bounds::describe() const {
  if (min && max && *min == *max) return fmt::format("exactly {}", *min);
  if (min && max) return fmt::format("{} to {}", *min, *max);
  if (min) return fmt::format("at least {}", *min);
  if (max) return *max == 0 ? "none" : fmt::format("at most {}", *max);
  return "any number";
}

Bounds read_bounds(JsonFields& params, bool allow_exactly, bool optional) {
  Bounds bounds{params.optional_int("min"), params.optional_int("max")};
  if (allow_exactly) {
    if (const auto exactly = params.optional_int("exactly")) {
      if (bounds.min || bounds.max) params.reject("exactly", "excludes min and max");
      if (*exactly < 0) params.reject("exactly", "cannot be negative");
      bounds = {exactly, exactly};
    }
  }
  if (bounds.min && *bounds.min < 0) params.reject("min", "cannot be negative");
  if (bounds.max && *bounds.max < 0) params.reject("max", "cannot be negative");
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) {
    params.reject("min", fmt::format("{} is greater than max, {}", *bounds.min, *bounds.max));
  }
  if (!optional && !bounds.min && !bounds.max) {
    params.reject("min", allow_exactly ? "one of min, max and exactly is needed"
                                       : "one of min and max is needed");
  }
  return bounds;
}

std::string read_choice(JsonFields& params, std::string_view key,
                        const std::vector<std::string>& choices) {
  std::string value = params.required_string(key);
  if (std::ranges::find(choices, value) != choices.end()) return value;
  params.reject(key, fmt::format("'{}' is none of {}{}", one_line(value, 60), join(choices, ", "),
                                 did_you_mean(value, choices)));
  return choices.front();
}

std::vector<std::string> read_texts(JsonFields& params, std::string_view key, bool required) {
  std::vector<std::string> texts = params.strings_or_empty(key, true);
  if (texts.empty() && (required || params.has(key))) params.reject(key, "needs at least one text");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (Term(texts[i], Case::fold).empty()) {
      params.reject(fmt::format("{}[{}]", key, i), "holds nothing that could be found in a text");
    }
  }
  return texts;
}

Case read_case(JsonFields& params) {
  return params.bool_or("case", false) ? Case::keep : Case::fold;
}

}  // namespace iie
