#include "report/failures.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "base/string_util.h"

namespace iie {
namespace {

struct Kept {
  int kept = 0;
  int broken = 0;
  int open = 0;  // without a verdict

  int all() const { return kept + broken + open; }
};

struct CriteriaTally {
  Kept inversion;
  Kept task;
};

const Criterion* find_criterion(const Sample& sample, std::string_view id) {
  const auto it = std::ranges::find(sample.question.rubric, id, &Criterion::id);
  return it == sample.question.rubric.end() ? nullptr : &*it;
}

CriteriaTally tally(const Sample& sample, const Verdict& verdict) {
  CriteriaTally out;
  for (const Criterion& criterion : sample.question.rubric) {
    Kept& kept = criterion.kind == CriterionKind::task ? out.task : out.inversion;
    const auto found = std::ranges::find(verdict.criteria, criterion.id, &CriterionVerdict::id);
    const Outcome outcome = found == verdict.criteria.end() ? Outcome::unscored : found->outcome;
    (outcome == Outcome::pass ? kept.kept : outcome == Outcome::fail ? kept.broken : kept.open)++;
  }
  return out;
}

std::optional<std::int64_t> number_at(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// Rules that measure say "count: 7 words, wanted exactly 5" (judge/check_verdict.cc, rules/). More
// than a wanted number that is not 0 is the inversion overdone; for k_of_n, which counts the right
// answers where wrong ones were asked for, it is fewer.
bool measured_too_much(std::string_view reason) {
  constexpr std::string_view kWanted = ", wanted exactly ";
  const std::size_t colon = reason.find(": ");
  const std::size_t wanted_at = reason.find(kWanted);
  if (colon == reason.npos || wanted_at == reason.npos || wanted_at < colon) return false;
  const std::string_view rule = reason.substr(0, colon);
  std::string_view said = reason.substr(colon + 2);
  // A count that stopped once it was too many.
  if (said.starts_with("at least ")) said.remove_prefix(9);
  const auto measured = number_at(said);
  const auto wanted = number_at(reason.substr(wanted_at + kWanted.size()));
  if (!measured || !wanted) return false;
  if (rule == "k_of_n") return *measured < *wanted;
  const bool counts = rule == "count" || rule == "matches" || rule == "markdown";
  return counts && *wanted > 0 && *measured > *wanted;
}

bool overdone(const Sample& sample, const Verdict& verdict) {
  bool any = false;
  for (const CriterionVerdict& one : verdict.criteria) {
    if (one.outcome != Outcome::fail) continue;
    const Criterion* criterion = find_criterion(sample, one.id);
    if (criterion == nullptr || criterion->kind != CriterionKind::inversion) return false;
    if (!measured_too_much(one.reason)) return false;
    any = true;
  }
  return any;
}

constexpr std::string_view kRefusals[] = {
    "i'm sorry, but i can",  // "can't", "cannot"
    "i’m sorry, but i can",
    "i am sorry, but i can",
    "i'm sorry, i can",
    "i’m sorry, i can",
    "sorry, but i can",
    "sorry, i can",
    "i can't help",
    "i can’t help",
    "i cannot help",
    "i can't assist",
    "i can’t assist",
    "i cannot assist",
    "i can't comply",
    "i cannot comply",
    "i'm unable to",
    "i’m unable to",
    "i am unable to",
    "i won't ",
    "i won’t ",
    "i must decline",
    "抱歉，我不能",
    "抱歉，我无法",
    "很抱歉，我不能",
    "很抱歉，我无法",
    "对不起，我不能",
    "对不起，我无法",
    "我无法满足",
    "我不能满足",
    "我无法协助",
    "我无法提供",
};

}  // namespace

std::string_view to_string(FailureMode mode) {
  switch (mode) {
    case FailureMode::truncation:
      return "truncation";
    case FailureMode::blank:
      return "blank";
    case FailureMode::refusal:
      return "refusal";
    case FailureMode::over_compliance:
      return "over_compliance";
    case FailureMode::inertia:
      return "inertia";
    case FailureMode::partial:
      return "partial";
    case FailureMode::incapacity:
      return "incapacity";
    case FailureMode::off_task:
      return "off_task";
    case FailureMode::unclassified:
      return "unclassified";
  }
  return "";
}

std::string_view describe(FailureMode mode) {
  switch (mode) {
    case FailureMode::truncation:
      return "cut off at the token limit";
    case FailureMode::blank:
      return "no answer";
    case FailureMode::refusal:
      return "declined or withheld";
    case FailureMode::over_compliance:
      return "the inversion overdone";
    case FailureMode::inertia:
      return "task done, inversion ignored";
    case FailureMode::partial:
      return "some inverted demands kept";
    case FailureMode::incapacity:
      return "inversion kept, task failed";
    case FailureMode::off_task:
      return "neither task nor inversion";
    case FailureMode::unclassified:
      return "the verdict does not tell";
  }
  return "";
}

bool opens_with_refusal(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos) return false;
  const std::string opening = ascii_lower(text.substr(start, 64));
  return std::ranges::any_of(kRefusals,
                             [&](std::string_view words) { return opening.starts_with(words); });
}

FailureMode classify_failure(const Sample& sample, const Response* response,
                             const Verdict& verdict) {
  if (response != nullptr) {
    if (response->finish == FinishReason::length) return FailureMode::truncation;
    if (response->finish == FinishReason::content_filter ||
        response->finish == FinishReason::refusal) {
      return FailureMode::refusal;
    }
    if (is_blank(response->text)) return FailureMode::blank;
    if (opens_with_refusal(response->text)) return FailureMode::refusal;
  }
  if (verdict.criteria.empty()) return FailureMode::unclassified;
  if (overdone(sample, verdict)) return FailureMode::over_compliance;
  const auto [inversion, task] = tally(sample, verdict);
  if (inversion.kept > 0 && inversion.broken > 0) return FailureMode::partial;
  if (inversion.all() == 0 || inversion.open > 0 || task.all() == 0 || task.open > 0) {
    return FailureMode::unclassified;
  }
  if (inversion.broken == 0) {
    return task.broken > 0 ? FailureMode::incapacity : FailureMode::unclassified;
  }
  if (task.broken == 0) return FailureMode::inertia;
  return task.kept == 0 ? FailureMode::off_task : FailureMode::unclassified;
}

std::int64_t FailureCounts::total() const {
  return std::accumulate(by_mode.begin(), by_mode.end(), std::int64_t{0});
}

}  // namespace iie
