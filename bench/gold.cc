// bench_gold: every gold response of the embedded set through its checks, on one core.
//
// Prints items, gold responses, and seconds: compiling the checks, and running them. The goal is a
// set of a thousand items in under a second.
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "authoring/items.h"
#include "rules/rule.h"

int main() {
  using Clock = std::chrono::steady_clock;
  iie::Problems problems;
  const auto set = iie::read_items("open", problems);
  if (!set || !problems.empty()) return 1;
  const auto start = Clock::now();
  std::vector<std::pair<const iie::Question*, iie::CompiledChecks>> questions;
  for (const iie::Item& item : set->items) {
    for (const iie::Question* question :
         {&item.sample.question, item.sample.twin ? &*item.sample.twin : nullptr}) {
      if (question == nullptr) continue;
      auto checks = iie::compile_checks(*question);
      if (!checks) return 1;
      questions.emplace_back(question, *std::move(checks));
    }
  }
  const auto compiled = Clock::now();
  std::size_t golds = 0;
  std::size_t decided = 0;
  for (const auto& [question, checks] : questions) {
    for (const iie::Gold& gold : question->gold) {
      ++golds;
      for (const iie::CheckResult& result : checks.run(gold.response)) {
        decided += result.decision != iie::Decision::undecided ? 1 : 0;
      }
    }
  }
  const auto done = Clock::now();
  const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  fmt::print("{} items, {} gold responses, {} decisions\n", set->items.size(), golds, decided);
  fmt::print("compile {:.3f} s, run {:.3f} s, together {:.3f} s; for 1012 items {:.2f} s\n",
             seconds(compiled - start), seconds(done - compiled), seconds(done - start),
             seconds(done - start) * 1012 / static_cast<double>(set->items.size()));
}
