// What a run adds up to: the one model that every output format shows. Plain values.
//
// A rollout counts in `n` once it is decided: judged, or ended without a verdict (the model's or
// the judge's endpoint failed, no judge can decide it). One that is not done yet is `pending` and
// in no share. Scores and the intervals and bounds around them are percentages, 0 to 100, and
// absent where n is 0: no verdicts is not a score of zero.
//
// Nothing here depends on when or where the run was made: the same records give the same report,
// byte for byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/intervals.h"
#include "core/run.h"
#include "core/verdict.h"
#include "report/corrected.h"
#include "report/cost.h"
#include "report/curves.h"
#include "report/failures.h"
#include "report/sample_result.h"
#include "report/several_judges.h"
#include "report/signatures.h"
#include "report/twins.h"
#include "report/usage.h"

namespace iie {

// The key of what has no type, language or domain.
inline constexpr std::string_view kNoKey = "(none)";

// The score if every unscored rollout failed, and if every one passed.
struct ScoreBounds {
  double low = 0;
  double high = 0;
};

struct Figure {
  std::int64_t n = 0;  // passed + failed + unscored
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t unscored = 0;
  std::int64_t pending = 0;
  std::optional<double> score;       // 100 * passed / n: what is unscored did not pass
  std::optional<Interval> interval;  // of the score, rollouts clustered by sample; 0 to 100
  std::optional<ScoreBounds> bounds;
};

struct Group {
  std::string key;   // type code, language or domain
  std::string name;  // for people; the key where it has no other
  // False for types that are listed but not part of the overall score.
  bool headline = true;
  Figure figure;
};

struct Cell {
  std::string type;
  std::string language;
  Figure figure;
};

// Accuracy over verifiable instructions. Strict: the response as it is. Loose: the best of eight
// variants of it (rules/instructions.h).
struct InstructionFigure {
  Figure strict;
  Figure loose;
};

struct InstructionGroup {
  std::string key;  // an instruction's id ("punctuation:no_comma"), or what its id begins with
  InstructionFigure figure;
};

// The four accuracies of IFEval (Zhou et al. 2023, arXiv 2311.07911, section 3) and what they are
// made of. In each figure `n` counts prompts or instructions, once for each rollout; intervals
// treat all that stands in one prompt as one cluster.
struct InstructionReport {
  InstructionFigure prompts;       // passed where every instruction of the prompt is followed
  InstructionFigure instructions;  // each instruction on its own
  std::vector<InstructionGroup> by_group;  // "punctuation", in byte order
  std::vector<InstructionGroup> by_id;     // in byte order
};

enum class InstructionMetric { prompt_strict, prompt_loose, instruction_strict, instruction_loose };

// Why rollouts have no verdict.
struct UnscoredCount {
  UnscoredReason reason = UnscoredReason::none;
  std::int64_t count = 0;
  // The first one's.
  std::string sample;
  std::string message;
};

// What was said before the message that an example answers.
struct EarlierTurn {
  std::string role;  // "user", "assistant", "system"; "..." where turns of a long one are left out
  std::string text;
};

struct BrokenCriterion {
  std::string id;
  std::string text;    // what it demands; may be empty
  std::string reason;  // why it is broken
};

// A response that failed. All texts are excerpts on one line without control characters or
// invisible formatting, but otherwise as the model wrote them: escape them for the format.
struct Example {
  std::string sample;
  std::int32_t index = 0;    // of the sample in the run
  std::int32_t rollout = 0;  // from 0
  std::string type;
  std::string language;
  std::vector<EarlierTurn> earlier;  // of a conversation, in order; else empty
  std::string prompt;                // the last user message
  std::string response;              // empty where it was blank
  std::string reason;
  std::string judge;  // who decided
  FailureMode failure = FailureMode::unclassified;
  std::vector<BrokenCriterion> broken;
};

// The judge's own error (against people's labels) is Report::corrected and Report::powered, where
// it is measured; where it is not, reports say so.
struct JudgeFacts {
  // Passes and failures by who decided them: "rules", "openai:NAME", "blank".
  std::map<std::string, std::int64_t> decided_by;
  std::int64_t calls = 0;       // of an LLM judge
  std::int64_t unreadable = 0;  // of those: replies that held no verdict
};

struct ModelFacts {
  // What the endpoint called itself, and in how many responses; at most kMaxServedNames.
  std::map<std::string, std::int64_t> served_as;
  // How the responses ended ("stop", "length", ...).
  std::map<std::string, std::int64_t> finish;
};
inline constexpr std::size_t kMaxServedNames = 8;

struct Report {
  std::string run_id;
  std::string run_key;
  std::string tool_version;  // that made the run
  RunSpec spec;
  std::int64_t samples = 0;
  std::int64_t planned = 0;  // rollouts
  // Every planned rollout is decided, whatever its type, and none by an endpoint's failure: there
  // is nothing to resume.
  bool complete = false;

  Figure overall;  // over the headline types, each verdict with the same weight
  std::vector<Group>
      by_type;              // in the order of instruction_types(), kNoKey last; further types too
  std::vector<Cell> cells;  // type x language, in that order; only those with samples
  // Headline types only, like the overall: a language or domain that only further types have is
  // in neither. Domains are empty where no sample names one.
  std::vector<Group> by_language;
  std::vector<Group> by_domain;
  std::optional<InstructionReport> instructions;  // where samples have verifiable instructions
  std::vector<UnscoredCount> unscored;            // headline rollouts: adds up to overall.unscored
  std::vector<UnscoredCount> further_unscored;    // those of further types
  std::vector<Example> examples;                  // by type, then by sample

  std::vector<SampleResult> sample_results;  // in the run's order
  std::optional<BestOfReport> best_of;       // where samples have several rollouts
  std::optional<LanguageGap> language_gap;   // where there are English and Chinese samples
  std::optional<TwinReport> twins;           // where the run asked the controls too
  FailureReport failures;
  std::vector<Signature> signatures;
  std::optional<CorrectedReport> corrected;  // by a calibration of the judge
  std::optional<PoweredReport> powered;      // by people's labels on a part of this run

  ModelFacts model;
  JudgeFacts judge;
  std::optional<SeveralJudges> judges;  // where several models judged
  TokenUse model_tokens;
  TokenUse judge_tokens;
  std::optional<LatencySummary> model_time;
  std::optional<LatencySummary> judge_time;
  // Set by who knows prices; empty where nobody does.
  RunCost cost;

  // The groups of by_type that the overall is made of, and those that stand beside it.
  std::vector<const Group*> headline_types() const;
  std::vector<const Group*> further_types() const;
  // No question counts in the overall score, which therefore is none rather than not yet known.
  bool has_no_overall() const { return overall.n + overall.pending == 0; }
  // Null where there is no such cell.
  const Cell* cell(std::string_view type, std::string_view language) const;
};

}  // namespace iie
