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
    Signature one{"language_gap", points >= kWideLanguageGap, points, kWideLanguageGap, "", ""};
    one.text = fmt::format(
        "{} and {} are {:.1f} points apart ({} higher), {}; the interval {} 0", gap.first_language,
        gap.second_language, points,
        gap.overall.difference >= 0 ? gap.first_language : gap.second_language,
        one.present ? "within or beyond the 8 to 16 seen in over-fitted models" : "less than 8",
        zero_inside ? "holds" : "excludes");
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace iie
