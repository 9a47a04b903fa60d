#include "judge/judge_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kAutoPrefix = "auto:";
constexpr std::string_view kMatrixPrefix = "matrix:";
constexpr std::string_view kPanelPrefix = "panel:";
constexpr std::string_view kTiePrefix = "tie:";

std::unexpected<Error> bad(std::string_view text, std::string_view what) {
  return fail(ErrorKind::usage, fmt::format("judge '{}': {}", one_line(text, 80), what));
}

}  // namespace

std::string JudgeSpec::llm() const {
  if (!panel.empty()) {
    std::string text = fmt::format("{}{}:{}", kPanelPrefix, iie::to_string(rule), join(panel, ","));
    if (!tie_breaker.empty()) text += fmt::format(",{}{}", kTiePrefix, tie_breaker);
    return text;
  }
  if (!matrix.empty()) {
    return fmt::format("{}{}{}{}", kMatrixPrefix, matrix, matrix_model.empty() ? "" : "=",
                       matrix_model);
  }
  return one_model() ? dialect + ":" + model : std::string();
}

std::string JudgeSpec::to_string() const {
  switch (kind) {
    case Kind::rules:
      return "rules";
    case Kind::automatic:
      return has_llm() ? std::string(kAutoPrefix) + llm() : "auto";
    case Kind::llm:
      return llm();
  }
  return {};
}

namespace {

using Dialects = std::vector<std::string>;

std::string forms(const Dialects& dialects) {
  const bool one = dialects.size() == 1;
  return fmt::format(
      "expected rules, auto, {0}:MODEL, auto:{0}:MODEL, matrix:FILE|PRESET or panel:A,B,C{1}",
      one ? dialects.front() : "PROFILE", one ? "" : "; profiles: " + join(dialects, ", "));
}

// "openai:gpt-4.1" into its two parts.
Result<std::pair<std::string, std::string>> one_model(std::string_view whole, std::string_view text,
                                                      const Dialects& dialects,
                                                      const std::vector<std::string>& candidates) {
  const std::size_t colon = text.find(':');
  const std::string_view head = text.substr(0, std::min(colon, text.size()));
  if (std::ranges::find(dialects, head) == dialects.end()) {
    const std::string hint = did_you_mean(head, candidates);
    return bad(whole, hint.empty() ? forms(dialects)
                                   : fmt::format("there is no '{}'{} ({})", one_line(head, 40),
                                                 hint, forms(dialects)));
  }
  if (colon == text.npos || trim(text.substr(colon + 1)).empty()) {
    return bad(whole, fmt::format("it names no model; {}", forms(dialects)));
  }
  return std::pair(std::string(head), std::string(trim(text.substr(colon + 1))));
}

Result<std::string> member(std::string_view whole, std::string_view text,
                           const Dialects& dialects) {
  IIE_TRY(const auto model, one_model(whole, trim(text), dialects, dialects));
  return model.first + ":" + model.second;
}

Result<void> read_panel(std::string_view whole, std::string_view text, const Dialects& dialects,
                        JudgeSpec& spec) {
  if (const std::size_t colon = text.find(':'); colon != text.npos) {
    if (const auto rule = panel_rule_from(trim(text.substr(0, colon)))) {
      spec.rule = *rule;
      text.remove_prefix(colon + 1);
    }
  }
  while (true) {
    const std::size_t comma = text.find(',');
    std::string_view one = trim(text.substr(0, comma));
    if (one.starts_with(kTiePrefix)) {
      if (!spec.tie_breaker.empty()) return bad(whole, "it names two tie-breakers");
      IIE_TRY(spec.tie_breaker, member(whole, one.substr(kTiePrefix.size()), dialects));
    } else {
      IIE_TRY(const std::string judge, member(whole, one, dialects));
      if (std::ranges::find(spec.panel, judge) != spec.panel.end()) {
        return bad(whole, fmt::format("'{}' stands twice in the panel", one_line(judge, 60)));
      }
      spec.panel.push_back(judge);
    }
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
  }
  if (spec.panel.size() < 2) return bad(whole, "a panel has at least two judges");
  return {};
}

}  // namespace

Result<JudgeSpec> parse_judge_spec(std::string_view text,
                                   const std::vector<std::string>& dialects) {
  const std::string_view whole = text = trim(text);
  if (text == "rules") return JudgeSpec{};
  JudgeSpec spec;
  spec.kind = JudgeSpec::Kind::automatic;
  if (text == "auto") return spec;

  std::vector<std::string> candidates = dialects;
  candidates.insert(candidates.end(), {"matrix", "panel"});
  if (text.starts_with(kAutoPrefix)) {
    text.remove_prefix(kAutoPrefix.size());
  } else {
    spec.kind = JudgeSpec::Kind::llm;
    candidates.insert(candidates.end(), {"rules", "auto"});
  }
  if (text.starts_with(kPanelPrefix)) {
    IIE_CHECK_OK(read_panel(whole, text.substr(kPanelPrefix.size()), dialects, spec));
    return spec;
  }
  if (text.starts_with(kMatrixPrefix)) {
    text.remove_prefix(kMatrixPrefix.size());
    const std::size_t equals = text.find('=');
    spec.matrix = trim(text.substr(0, equals));
    if (spec.matrix.empty()) return bad(whole, "it names no preset and no file");
    if (equals != text.npos) {
      IIE_TRY(spec.matrix_model, member(whole, text.substr(equals + 1), dialects));
    }
    return spec;
  }
  IIE_TRY(const auto model, one_model(whole, text, dialects, candidates));
  spec.dialect = model.first;
  spec.model = model.second;
  return spec;
}

}  // namespace iie
