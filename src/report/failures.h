// Why responses failed, counted instead of told: from the verdicts on criteria, whoever gave them,
// and from how the response ended. What these do not tell apart is unclassified, not guessed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/response.h"
#include "core/sample.h"
#include "core/verdict.h"

namespace iie {

// In order of precedence: the first that holds is the mode. Names are stored: append only.
enum class FailureMode {
  truncation,       // cut off at the token limit: what is missing may be all that is wrong
  blank,            // no answer at all
  refusal,          // withheld by the endpoint (content filter, refusal), or it opens by declining
  over_compliance,  // the inversion overdone: every broken demand is one that a rule measured to be
                    // exceeded (more flaws than asked for, more answers wrong than asked for)
  inertia,          // the task done, every inverted demand ignored: the trained habit
  partial,          // some inverted demands kept, others not
  incapacity,       // every inverted demand kept, the task failed
  off_task,         // neither the task nor any inverted demand
  unclassified,     // judged as a whole, or by criteria that leave it open
};
inline constexpr std::size_t kFailureModes = 9;
std::string_view to_string(FailureMode mode);
// "inverted demands ignored, task done": what a reader needs to know of it.
std::string_view describe(FailureMode mode);

// `response` is null where it is not on record. The verdict is a fail.
FailureMode classify_failure(const Sample& sample, const Response* response,
                             const Verdict& verdict);

// Whether the text opens by declining to answer, in English or Chinese. Opening formulas only:
// what stands later may be part of an answer.
bool opens_with_refusal(std::string_view text);

struct FailureCounts {
  std::array<std::int64_t, kFailureModes> by_mode{};

  std::int64_t& operator[](FailureMode mode) { return by_mode[static_cast<std::size_t>(mode)]; }
  std::int64_t operator[](FailureMode mode) const {
    return by_mode[static_cast<std::size_t>(mode)];
  }
  std::int64_t total() const;
};

struct FailureGroup {
  std::string key;  // type code or language
  FailureCounts counts;
};

// One failed rollout, to look up with `show`.
struct FailureExample {
  std::string sample;
  std::int32_t rollout = 0;  // from 0
  std::string reason;        // an excerpt
};
inline constexpr std::size_t kFailureExamples = 3;

struct FailureReport {
  FailureCounts overall;                  // headline types, like the overall score
  std::vector<FailureGroup> by_type;      // in the report's order of types, those that failed
  std::vector<FailureGroup> by_language;  // headline types
  struct Cell {
    std::string type;
    std::string language;
    FailureCounts counts;
  };
  std::vector<Cell> cells;
  // The first of each mode, at most kFailureExamples; any type.
  std::map<FailureMode, std::vector<FailureExample>> examples;
};

}  // namespace iie
