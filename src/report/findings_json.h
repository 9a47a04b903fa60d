// The parts of the JSON report that are about findings beyond the scores. Only render_json.cc
// includes it.
#pragma once

#include <boost/json/fwd.hpp>
#include <vector>

#include "report/comparison.h"
#include "report/report.h"
#include "report/side_by_side.h"

namespace iie {

// To 4 decimals: more than any interval can bear, and safe from the last bit of a division.
boost::json::value rounded(double number);

boost::json::value write_best_of(const std::optional<BestOfReport>& curves);
boost::json::value write_language_gap(const std::optional<LanguageGap>& gap);
boost::json::value write_twins(const std::optional<TwinReport>& twins);
boost::json::object write_failures(const FailureReport& failures);
boost::json::array write_signatures(const std::vector<Signature>& signatures);
boost::json::value write_corrected(const std::optional<CorrectedReport>& found);
boost::json::value write_powered(const std::optional<PoweredReport>& found);
boost::json::object write_comparison(const Comparison& comparison);
// Of several runs.
boost::json::array write_thinking_pairs(const std::vector<Report>& reports);
boost::json::value write_judge_flips(const std::vector<Report>& reports);
boost::json::value write_ifeval_ranks(const std::vector<Report>& reports);

}  // namespace iie
