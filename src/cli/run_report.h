// The report of one run as the commands want it: what `view` asks for, twins apart, with costs. Fed
// with the run's rollouts one by one, by whoever has them: the store (cli/reports.h) or the run
// itself (cli/runner.cc).
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "cli/options.h"
#include "core/broken_off.h"
#include "core/run.h"
#include "core/sample.h"
#include "report/report.h"

namespace iie {

class PriceList;

class RunReport {
 public:
  // `samples` are the run's and must outlive it. `comparable`: as in ReportOptions. Errors: what
  // `view` asks for does not fit the run, or names files that cannot be read.
  static Result<std::unique_ptr<RunReport>> begin(const RunInfo& run,
                                                  const std::vector<Sample>& samples,
                                                  const PriceList& prices, const ReportView& view,
                                                  bool comparable);
  ~RunReport();
  RunReport(const RunReport&) = delete;
  RunReport& operator=(const RunReport&) = delete;

  // As ReportBuilder::add(): each rollout once, in any order.
  Result<void> add(const ResponseRecord& response, const JudgementRecord* judgement);

  // Ends the report; call once.
  Report finish(const std::vector<BrokenOff>& broken_off);

 private:
  struct Parts;
  explicit RunReport(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace iie
