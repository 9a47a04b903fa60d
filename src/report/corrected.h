// Scores corrected for the judge's error, cell by cell: by a calibration of this very judge on
// other responses, or by people's labels on a part of this run. analysis/judge_error.h has the
// estimators.
//
// What a cell does not have (labels, both classes, a judge better than a coin) it does not borrow
// from another: it has no estimate and says why, and then neither has any sum over it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/judge_error.h"
#include "base/error.h"
#include "core/calibration.h"
#include "core/run.h"
#include "core/sample.h"

namespace iie {

struct Report;

// Of a share: percentages, 0 to 100.
struct CorrectedScore {
  double score = 0;
  double low = 0;
  double high = 0;
  std::string method;  // "corrected" (Rogan-Gladen, Lee et al.) or "prediction_powered"
};

struct CorrectedCell {
  std::string type;
  std::string language;
  bool headline = true;
  std::string judge;
  std::int64_t n = 0;        // rollouts; the cell's weight
  double judged = 0;         // the score as judged
  JudgeCounts labels;        // unscored replies among the judge's failures
  std::int64_t samples = 0;  // labelled ones
  std::optional<CorrectedScore> corrected;
  std::string why;  // a sentence; empty exactly where there is an estimate
};

struct CorrectedSum {
  std::string key;  // "overall", a type code or a language
  std::int64_t n = 0;
  std::optional<CorrectedScore> corrected;
  // The cells that have no estimate ("QC chinese"): while there is one, the sum has none.
  std::vector<std::string> missing;
};

struct CorrectedReport {
  std::string source;  // the file's name
  std::string hash;    // of the labels
  std::int64_t annotators = 0;
  double level = 0;
  std::vector<CorrectedCell> cells;  // those with decided rollouts, in the report's order
  CorrectedSum overall;              // headline types
  std::vector<CorrectedSum> by_type;
  std::vector<CorrectedSum> by_language;  // headline types
};

// By a calibration: a cell is corrected only by labels on its own type and language, judged by its
// own judge (JudgeCell::fingerprint). A rollout without a verdict counts as not passed, in the run
// as in the labels.
CorrectedReport correct_by_calibration(const Report& report, const Calibration& calibration,
                                       double level);

// People's labels on responses of a run.
class RunLabels {
 public:
  // JSON lines {"sample" or "id", or "row" from 0; "response", the text, or "rollout" from 0 (where
  // the run has one of each it may be left out); "label" 0 or 1; "annotator"?}: what `calibrate`
  // takes (dataset/labels.h), and rollouts by number. Further fields are ignored. bad_input, naming
  // file and line, for samples and rollouts that the run does not have, a label that is none, and
  // one person who labels a response twice.
  static Result<RunLabels> parse(std::string_view lines, const std::string& name,
                                 const std::vector<Sample>& samples, int rollouts);

  // What most people said; nullopt where nobody labelled it, or as many said one as the other. A
  // label of the text holds for every rollout of the sample that has it.
  std::optional<bool> label(RolloutId id, std::string_view response) const;
  // The label by text that holds for this rollout, as a number from 0; nullopt for none.
  std::optional<std::size_t> text_label(RolloutId id, std::string_view response) const;
  std::size_t text_labels() const { return texts_.size(); }

  const std::string& name() const { return name_; }
  const std::string& hash() const { return hash_; }
  std::int64_t annotators() const { return annotators_; }  // distinct names; 0: none given
  std::int64_t labelled() const { return static_cast<std::int64_t>(votes_.size() + texts_.size()); }
  std::int64_t disputed() const;  // labelled, without a majority

 private:
  struct Votes {
    std::int64_t pass = 0;
    std::int64_t fail = 0;
  };
  std::string name_;
  std::string hash_;
  std::int64_t annotators_ = 0;
  std::map<RolloutId, Votes> votes_;
  std::map<std::pair<std::int32_t, std::string>, Votes> texts_;  // by sample and hash of the text
};

// Fewer labels in a cell give no estimate: an interval from less would promise what it cannot keep.
inline constexpr std::int64_t kFewestLabels = 10;

// By labels on a random part of this run. `parts` has each sample's rollouts, in the run's order.
// `pooled` is the estimate over all headline cells at once, which needs the labelled rollouts to be
// chosen at random from the whole run, whatever their cell; the overall needs that within each cell
// only.
struct PoweredReport {
  CorrectedReport by_cells;
  std::optional<CorrectedScore> pooled;
  std::int64_t labelled = 0;
  std::int64_t disputed = 0;
  std::int64_t unmatched = 0;  // labels of texts that no rollout of this run has
};
PoweredReport correct_by_labels(const Report& report, const std::vector<PartlyLabelled>& parts,
                                const RunLabels& labels, std::int64_t unmatched, double level);

}  // namespace iie
