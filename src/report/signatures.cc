#include "report/signatures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/report.h"

namespace iie {

std::vector<Signature> signatures_of(const Report& report) {
  std::vector<Signature> out;
  const auto type = std::ranges::find(report.by_type, "QC", &Group::key);
  if (type != report.by_type.end() && type->figure.score) {
    const double score = *type->figure.score;
    Signature one{"question_correction",
                  score < kWeakQuestionCorrection,
                  score,
                  kWeakQuestionCorrection,
                  "",
                  ""};
    one.text = fmt::format("Question Correction at {:.1f}, {} {:.0f}: {}", score,
                           one.present ? "below" : "not below", kWeakQuestionCorrection,
                           one.present ? "faulty questions are answered as if they were sound"
                                       : "faulty questions are noticed often enough");
    out.push_back(std::move(one));
  }
  if (report.language_gap) {
    const LanguageGap& gap = *report.language_gap;
    const double points = std::abs(gap.overall.difference);
    const bool zero_inside = gap.overall.low <= 0 && gap.overall.high >= 0;
    const bool wide = points >= kWideLanguageGap;
    Signature one{"language_gap", wide && !zero_inside, points, kWideLanguageGap, "", ""};
    const bool equal = points < 0.05;  // as printed
    const std::string& higher =
        gap.overall.difference >= 0 ? gap.first_language : gap.second_language;
    one.text = fmt::format(
        "{} and {} are {:.1f} points apart{}, {}{}", gap.first_language, gap.second_language,
        points, equal ? "" : fmt::format(" ({} higher)", higher),
        wide ? "as over-fitted models are (8 to 16)" : "less than 8",
        wide && zero_inside ? ", but its interval holds 0: too few verdicts to tell" : "");
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace iie
