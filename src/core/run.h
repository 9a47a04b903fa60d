// A run: what was asked, and the records that it leaves. The store keeps these values; the engine
// makes them; reports read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "core/reasoning.h"
#include "core/response.h"
#include "core/sample.h"
#include "core/verdict.h"

namespace iie {

// Sampling parameters; absent means the endpoint's default, and nothing is sent.
struct GenerationParams {
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::optional<std::string> system_prompt;
  std::optional<Reasoning> reasoning = std::nullopt;

  bool operator==(const GenerationParams&) const = default;
};

// Which judge judges one cell of a run.
struct JudgeCell {
  std::string type;                  // InstructionType::code; empty: samples without one
  std::optional<Language> language;  // nullopt: samples without one
  std::string judge;                 // "openai:gpt-4.1", "auto:openai:gpt-4.1", "rules"
  // SHA-256 over everything of the judge that can change a verdict: how it decides, model,
  // parameters, and the prompts of this cell; not the endpoint. A calibration holds for cells of
  // the same fingerprint (core/calibration.h).
  std::string fingerprint;

  bool operator==(const JudgeCell&) const = default;
};

// Everything that determines a run's results, and nothing that does not (no keys, no limits on
// concurrency, no file names). Its canonical JSON is hashed into the run's key.
struct RunSpec {
  std::string model;           // "openai:gpt-4.1", "replay:demonstrations", "score:NAME"
  std::string model_endpoint;  // base URL without credentials; empty for replay
  // Hash of the profile where it came from the user's --providers; empty for the program's own.
  std::string model_profile = {};
  GenerationParams params;
  std::string judge;               // as --judge spells it: "rules", "auto:openai:NAME" ...
  std::string judge_endpoint;      // empty without an LLM judge
  std::string judge_profile = {};  // as model_profile
  GenerationParams judge_params;
  std::string judge_prompts;  // hash of the prompts in force; empty without an LLM judge
  int rollouts = 1;
  std::string protocol;  // "" or "paper"
  std::string dataset;   // name
  std::string dataset_format;
  // Of the selected samples (after --types, --language, --limit).
  std::string dataset_hash;
  // The content hash of recorded responses (replay, score); empty for a live model.
  std::string responses_hash;
  // Which model's, where the file held several.
  std::string responses_model;
  // Where they were read from, so that `resume` finds them again. Stored, but not part of the key:
  // the same responses under another name are the same run.
  std::string responses_file;
  // Selected samples that are not part of the run because the responses leave them out
  // (--allow-missing), and the ids of the first of them, at most kLeftOutNamed.
  std::int64_t left_out = 0;
  std::vector<std::string> left_out_first = {};
  // The judge matrix or panel in force, resolved, as canonical JSON (judge/matrix.h); empty without
  // one.
  std::string judge_matrix = {};
  // The run whose stored responses are judged here again (its id); empty otherwise. Stored, but not
  // part of the key, which has their hash.
  std::string rejudged = {};
  // In the order of types and languages; empty in runs made before they were recorded. Stored, but
  // not part of the key: they follow from the fields above.
  std::vector<JudgeCell> judge_cells = {};

  bool operator==(const RunSpec&) const = default;
};

inline constexpr std::size_t kLeftOutNamed = 10;

std::string run_spec_to_json(const RunSpec& spec);  // canonical
Result<RunSpec> run_spec_from_json(std::string_view json);
// SHA-256 of the spec's JSON without responses_file, rejudged and judge_cells: the same spec on the
// same samples has the same key.
std::string run_key(const RunSpec& spec);

// Durable facts about one run.
struct RunInfo {
  std::string id;   // the key's first 12 digits, with "-2", "-3" ... for repeats made on purpose
  std::string key;  // run_key(spec)
  RunSpec spec;
  WallTime created{};
  std::string tool_version;
  std::int64_t samples = 0;
  std::int64_t planned = 0;  // samples x rollouts
};

// Names one unit of work within a run.
struct RolloutId {
  std::int32_t sample = 0;   // index into the run's samples, from 0
  std::int32_t rollout = 0;  // from 0

  auto operator<=>(const RolloutId&) const = default;
};

// One candidate call that ended: with a response, or with an error that retries did not mend.
struct ResponseRecord {
  RolloutId id;
  std::optional<Response> response;
  std::optional<Error> error;  // exactly one of the two
  std::int32_t attempts = 1;
  WallTime at{};
};

// One raw reply of an LLM judge, kept so that a verdict can be audited.
struct JudgeCall {
  std::string judge = {};  // which model, where a run asks several; else empty
  std::string criterion;   // empty when the whole response was judged
  std::string reply;
  std::string reasoning;
  Usage usage;
  std::optional<std::chrono::milliseconds> latency;
  std::optional<WallTime> answered = std::nullopt;  // Response::answered
  bool readable = true;                             // false: no verdict could be read from it

  bool operator==(const JudgeCall&) const = default;
};

struct JudgementRecord {
  RolloutId id;
  Verdict verdict;
  std::string judge;  // who decided: "rules", "openai:NAME", "panel", "blank"
  std::vector<JudgeCall> calls;
  WallTime at{};
};

std::string judge_calls_to_json(const std::vector<JudgeCall>& calls);
std::vector<JudgeCall> judge_calls_from_json(std::string_view json);  // unreadable: empty

}  // namespace iie
