// The parts of the JSON report that are about findings beyond the scores. Only render_json.cc
// includes it.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <string_view>
#include <vector>

#include "core/instruction_type.h"
#include "report/comparison.h"
#include "report/report.h"
#include "report/side_by_side.h"

namespace iie {

// Wherever the report has a list by type, headline types stand in `by_type` and further ones in
// `further_types`, with the same fields: who adds up or averages the first list gets the benchmark.
// So with `cells` and `further_cells`. `Object` is boost::json::object, which stays out of headers.
template <typename Object, typename Item, typename Key, typename Write>
void put_parts(Object& out, std::string_view headline, std::string_view further,
               const std::vector<Item>& items, Key key, Write write) {
  for (const bool wanted : {true, false}) {
    auto& part = out[wanted ? headline : further].emplace_array();
    for (const Item& item : items) {
      if (is_headline(std::invoke(key, item)) == wanted) part.push_back(write(item));
    }
  }
}
template <typename Object, typename Item, typename Key, typename Write>
void put_by_type(Object& out, const std::vector<Item>& items, Key key, Write write) {
  put_parts(out, "by_type", "further_types", items, key, write);
}
template <typename Object, typename Item, typename Write>
void put_cells(Object& out, const std::vector<Item>& cells, Write write) {
  put_parts(out, "cells", "further_cells", cells, &Item::type, write);
}

// To 4 decimals: more than any interval can bear, and safe from the last bit of a division.
boost::json::value rounded(double number);

boost::json::value write_best_of(const std::optional<BestOfReport>& curves);
boost::json::value write_language_gap(const std::optional<LanguageGap>& gap);
boost::json::value write_twins(const std::optional<TwinReport>& twins);
boost::json::object write_failures(const FailureReport& failures);
boost::json::array write_signatures(const std::vector<Signature>& signatures);
boost::json::value write_corrected(const std::optional<CorrectedReport>& found);
boost::json::value write_powered(const std::optional<PoweredReport>& found);
// In the form of `show` and `rejudge`; `judges` are those that the pairs count.
boost::json::object write_judge_agreement(const std::vector<std::string>& judges,
                                          const JudgeAgreement& agreement);
boost::json::object write_comparison(const Comparison& comparison);
// Of several runs.
boost::json::array write_thinking_pairs(const std::vector<Report>& reports);
boost::json::value write_judge_flips(const std::vector<Report>& reports);
boost::json::value write_ifeval_ranks(const std::vector<Report>& reports);

}  // namespace iie
