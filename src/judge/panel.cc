#include "judge/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <exception>
#include <iterator>
#include <utility>

#include "base/string_util.h"
#include "judge/llm_judge.h"

namespace iie {
namespace {

namespace asio = boost::asio;

constexpr std::pair<PanelRule, std::string_view> kRules[] = {{PanelRule::majority, "majority"},
                                                             {PanelRule::unanimous, "unanimous"},
                                                             {PanelRule::any, "any"}};

MemberVerdict member_of(const Judgement& judgement, const std::string& name) {
  const Verdict& verdict = judgement.verdict;
  return {name, verdict.outcome, verdict.unscored, verdict.reason};
}

// "2 of 3 pass; openai:b: the second demand is not met": the count, and a reason of the side that
// decided.
std::string reason_of(Outcome outcome, const std::vector<MemberVerdict>& members) {
  const auto count = [&](Outcome each) {
    return std::ranges::count(members, each, &MemberVerdict::outcome);
  };
  std::string reason = fmt::format("{} of {} judges pass it", count(Outcome::pass), members.size());
  if (const auto silent = count(Outcome::unscored); silent > 0) {
    reason += fmt::format(", {} gave no verdict", silent);
  }
  const auto first = std::ranges::find(members, outcome, &MemberVerdict::outcome);
  if (first != members.end() && !first->reason.empty()) {
    reason += fmt::format("; {}: {}", first->judge, one_line(first->reason, 300));
  }
  return reason;
}

}  // namespace

std::string_view to_string(PanelRule rule) {
  for (const auto& [each, name] : kRules) {
    if (each == rule) return name;
  }
  return {};
}

std::optional<PanelRule> panel_rule_from(std::string_view name) {
  for (const auto& [each, text] : kRules) {
    if (text == name) return each;
  }
  return std::nullopt;
}

std::optional<Outcome> panel_outcome(PanelRule rule, std::span<const Outcome> members) {
  const auto passed = std::ranges::count(members, Outcome::pass);
  const auto failed = std::ranges::count(members, Outcome::fail);
  const auto all = std::ssize(members);
  switch (rule) {
    case PanelRule::majority:
      if (2 * passed > all) return Outcome::pass;
      if (2 * failed > all) return Outcome::fail;
      return std::nullopt;
    case PanelRule::unanimous:
      if (failed > 0) return Outcome::fail;
      return passed == all ? std::optional(Outcome::pass) : std::nullopt;
    case PanelRule::any:
      if (passed > 0) return Outcome::pass;
      return failed == all ? std::optional(Outcome::fail) : std::nullopt;
  }
  return std::nullopt;
}

namespace {

// Its arguments outlive it: the panel waits for all its members.
Async<void> ask(ModelJudge& member, const Sample& sample, const Response& response, int rollout,
                const std::vector<CriterionVerdict>& known, Result<Judgement>& said) {
  said = co_await member.judge_rest(sample, response, rollout, known);
}

}  // namespace

PanelJudge::PanelJudge(std::string name, std::vector<ModelJudge*> members, PanelOptions options)
    : name_(std::move(name)), members_(std::move(members)), options_(options) {
  assert(members_.size() >= 2);
}

Error PanelJudge::stopped(std::vector<Result<Judgement>>& said) const {
  std::vector<JudgeCall> calls;
  const Error* why = nullptr;
  for (Result<Judgement>& one : said) {
    if (one) {
      std::ranges::move(one->calls, std::back_inserter(calls));
    } else if (why == nullptr) {
      why = &one.error();
    }
  }
  if (options_.dropped && !calls.empty()) options_.dropped(calls);
  return *why;
}

Async<Result<Judgement>> PanelJudge::judge_rest(const Sample& sample, const Response& response,
                                                int rollout, std::vector<CriterionVerdict> known) {
  if (std::optional<Judgement> judgement = judged_without_call(response)) {
    co_return *std::move(judgement);
  }
  std::vector<Result<Judgement>> said(members_.size(), fail(ErrorKind::bug, "not asked"));
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  using Asking = decltype(asio::co_spawn(executor, Async<void>(), asio::deferred));
  std::vector<Asking> asking;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    asking.push_back(asio::co_spawn(
        executor, ask(*members_[i], sample, response, rollout, known, said[i]), asio::deferred));
  }
  auto group = asio::experimental::make_parallel_group(std::move(asking));
  auto [order, exceptions] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& exception : exceptions) {
    if (exception) std::rethrow_exception(exception);
  }

  if (!std::ranges::all_of(said, &Result<Judgement>::has_value)) {
    co_return std::unexpected(stopped(said));
  }

  Judgement judgement;
  judgement.judge = name_;
  Verdict& verdict = judgement.verdict;
  std::vector<Outcome> outcomes;
  bool call_failed = false;
  for (std::size_t i = 0; i < said.size(); ++i) {
    verdict.members.push_back(member_of(*said[i], members_[i]->name()));
    outcomes.push_back(said[i]->verdict.outcome);
    call_failed |= said[i]->verdict.unscored == UnscoredReason::judge_failed;
    std::ranges::move(said[i]->calls, std::back_inserter(judgement.calls));
  }
  std::optional<Outcome> outcome = panel_outcome(options_.rule, outcomes);
  std::string by;
  // A call that failed is asked again by `resume`; nobody decides in its place.
  if (!outcome && !call_failed && options_.tie_member) {
    const Outcome theirs = outcomes[*options_.tie_member];
    if (theirs != Outcome::unscored) outcome = theirs;
    by = "; undecided, so " + members_[*options_.tie_member]->name() + " decides";
  } else if (!outcome && !call_failed && options_.tie_breaker != nullptr) {
    Result<Judgement> further =
        co_await options_.tie_breaker->judge_rest(sample, response, rollout, known);
    if (!further) {
      if (options_.dropped && !judgement.calls.empty()) options_.dropped(judgement.calls);
      co_return std::unexpected(std::move(further).error());
    }
    verdict.members.push_back(member_of(*further, options_.tie_breaker->name()));
    call_failed |= further->verdict.unscored == UnscoredReason::judge_failed;
    if (further->verdict.outcome != Outcome::unscored) outcome = further->verdict.outcome;
    by = "; undecided, so " + options_.tie_breaker->name() + " decides";
    std::ranges::move(further->calls, std::back_inserter(judgement.calls));
    said.push_back(std::move(further));
  }

  if (outcome) {
    verdict.outcome = *outcome;
    const auto same = std::ranges::find(
        said, *outcome, [](const Result<Judgement>& each) { return each->verdict.outcome; });
    if (same != said.end()) verdict.criteria = std::move((*same)->verdict.criteria);
  } else {
    verdict.unscored = call_failed ? UnscoredReason::judge_failed : UnscoredReason::panel_undecided;
  }
  verdict.reason = reason_of(verdict.outcome, verdict.members) + by;
  co_return judgement;
}

}  // namespace iie
