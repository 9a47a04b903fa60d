#include "report/cost.h"

#include <fmt/format.h>

#include "report/plain_text.h"

namespace iie {
namespace {

// Two digits where they tell something, else as many as it takes.
std::string money(double amount, const std::string& currency) {
  return amount == 0 || amount >= 0.1 ? fmt::format("{:.2f} {}", amount, currency)
                                      : fmt::format("{:.2g} {}", amount, currency);
}

}  // namespace

std::optional<double> RunCost::total() const {
  double sum = 0;
  const CallCost* first = nullptr;
  for (const auto* cost : {&model, &judge}) {
    if (!*cost) continue;
    const CallCost& one = **cost;
    if (!one.amount || one.priced < one.calls) return std::nullopt;
    if (first != nullptr && first->currency != one.currency) return std::nullopt;
    if (first == nullptr) first = &one;
    sum += *one.amount;
  }
  return first != nullptr ? std::optional(sum) : std::nullopt;
}

std::string RunCost::currency() const {
  for (const auto* cost : {&model, &judge, &may_be_billed}) {
    if (*cost && !(*cost)->currency.empty()) return (*cost)->currency;
  }
  return "";
}

void CostTally::add(const Usage& usage, const std::optional<CallTime>& time) {
  ++calls_;
  const auto cost = price_ ? cost_of(usage, *price_, time) : std::nullopt;
  if (!cost) return;
  ++priced_;
  amount_ += *cost;
}

CallCost CostTally::cost() const {
  CallCost cost;
  cost.calls = calls_;
  cost.price = price_;
  if (price_) cost.currency = price_->currency;
  cost.priced = priced_;
  // To the grid that prices of so many tokens lie on: what the order of the calls left does not
  // show.
  constexpr double kGrid = 1e12;
  if (priced_ > 0) cost.amount = std::round(amount_ * kGrid) / kGrid;
  return cost;
}

CallCost sum_cost(const std::vector<CallCost>& costs) {
  CallCost sum;
  bool known = !costs.empty();
  for (const CallCost& cost : costs) {
    sum.calls += cost.calls;
    sum.priced += cost.priced;
    known = known && cost.amount && cost.currency == costs.front().currency;
    sum.amount = known ? std::optional(sum.amount.value_or(0) + *cost.amount) : std::nullopt;
  }
  if (known) {
    sum.currency = costs.front().currency;
  } else {
    sum.priced = 0;
  }
  if (costs.size() == 1) sum.price = costs.front().price;
  return sum;
}

std::string may_be_billed_text(const CallCost& cost) {
  return fmt::format("{} call{} broke off and may have been billed{}", format_count(cost.calls),
                     cost.calls == 1 ? "" : "s",
                     cost.amount ? ": up to " + money(*cost.amount, cost.currency) : "");
}

std::string cost_text(const CallCost& cost) {
  if (cost.currency.empty()) return "unknown price";
  if (!cost.amount) return "unknown, no usage reported";
  std::string text = money(*cost.amount, cost.currency);
  if (cost.priced < cost.calls) {
    text += fmt::format(" for {} of {} calls", format_count(cost.priced), format_count(cost.calls));
  }
  return text;
}

}  // namespace iie
