#include "judge/judge_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kAutoPrefix = "auto:";

std::unexpected<Error> bad(std::string_view text, std::string_view what) {
  return fail(ErrorKind::usage, fmt::format("judge '{}': {}", one_line(text, 80), what));
}

}  // namespace

std::string JudgeSpec::llm() const { return has_llm() ? dialect + ":" + model : std::string(); }

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

Result<JudgeSpec> parse_judge_spec(std::string_view text,
                                   const std::vector<std::string>& dialects) {
  const std::string_view whole = text = trim(text);
  if (text == "rules") return JudgeSpec{JudgeSpec::Kind::rules, {}, {}};
  if (text == "auto") return JudgeSpec{JudgeSpec::Kind::automatic, {}, {}};

  const bool one = dialects.size() == 1;
  const std::string forms = fmt::format("expected rules, auto, {0}:MODEL or auto:{0}:MODEL{1}",
                                        one ? dialects.front() : "PROFILE",
                                        one ? "" : "; profiles: " + join(dialects, ", "));
  JudgeSpec spec;
  spec.kind = JudgeSpec::Kind::llm;
  std::vector<std::string> candidates = dialects;
  if (text.starts_with(kAutoPrefix)) {
    spec.kind = JudgeSpec::Kind::automatic;
    text.remove_prefix(kAutoPrefix.size());
  } else {
    candidates.insert(candidates.end(), {"rules", "auto"});
  }
  const std::size_t colon = text.find(':');
  const std::string_view head = text.substr(0, std::min(colon, text.size()));
  if (std::ranges::find(dialects, head) == dialects.end()) {
    const std::string hint = did_you_mean(head, candidates);
    return bad(whole, hint.empty() ? forms
                                   : fmt::format("there is no '{}'{} ({})", one_line(head, 40),
                                                 hint, forms));
  }
  if (colon == text.npos || trim(text.substr(colon + 1)).empty()) {
    return bad(whole, fmt::format("it names no model; {}", forms));
  }
  spec.dialect = head;
  spec.model = trim(text.substr(colon + 1));
  return spec;
}

}  // namespace iie
