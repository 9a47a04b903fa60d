// A run's money: what it cost, and what it may cost. What it would cost is cli/dry_run.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/job.h"
#include "cli/options.h"
#include "core/broken_off.h"
#include "core/run.h"
#include "engine/budget.h"
#include "provider/prices.h"
#include "report/report.h"
#include "store/store.h"

namespace iie {

// What the calls of a run cost, one by one, and each judge's.
class RunCosts {
 public:
  RunCosts(const RunSpec& spec, const PriceList& prices);
  ~RunCosts();

  // A rollout that the report counts.
  void add(const ResponseRecord& response, const JudgementRecord* judgement);
  // No model part for recorded responses. `broken_off` is what the store keeps of the run: what it
  // may cost on top.
  void state(Report& report, const std::vector<BrokenOff>& broken_off) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Of any model that the run may call.
bool has_price(const RunSpec& spec, const PriceList& prices);

// usage where --max-cost is given and the price of a model that would be called is not known in
// US dollars: a limit that cannot be kept must not look like one.
Result<void> check_max_cost(const RunSpec& spec, const PriceList& prices,
                            const std::optional<double>& max_cost);
// A run that has begun, in this process or an earlier one.
struct BegunRun {
  const Job* job = nullptr;
  RunInfo run;
};

// One for all of a command's runs; null without --max-cost. What the store says that they have cost
// so far counts, with the replies of judges that no judgement holds yet (cli/paid_replies.h), and
// the most that calls which broke off may have cost. `store_path` is the store's.
Result<std::shared_ptr<Budget>> make_budget(Store& store, const std::vector<BegunRun>& runs,
                                            const PriceList& prices, const ControlOptions& control,
                                            const std::string& store_path);

// The longest that a prompt of so many estimated tokens may be.
std::int64_t with_margin(std::int64_t prompt);

}  // namespace iie
