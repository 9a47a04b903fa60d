// Which judge judges what: a table from instruction type and language to one judge, or a panel of
// them, with prompts, parameters and verdict format. A value, read from YAML (doc/judging.md), from
// one of the presets that the program carries (data/judges/matrix_*.yaml), or made of one model or
// a panel. Any thread may read it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"
#include "core/run.h"
#include "core/sample.h"
#include "judge/llm_judge.h"
#include "judge/panel.h"
#include "judge/prompt_set.h"

namespace iie {

// One model as a judge.
struct JudgeModel {
  std::string model;     // "openai:gpt-4.1"
  std::string base_url;  // empty: the endpoint of the run's judge
  // What is absent is the run's (--judge-temperature and the like); a temperature of "none" sends
  // none.
  std::optional<double> temperature;
  bool no_temperature = false;
  std::optional<double> top_p;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::optional<Reasoning> reasoning;
  bool structured = false;
  // Calls at once; absent: --judge-connections. Not part of what makes a run.
  std::optional<std::int64_t> connections;

  // As they are sent, once JudgeMatrix::settle said so.
  std::optional<GenerationParams> settled;
  // Of a profile that came from the user's --providers (RunSpec::judge_profile).
  std::string profile_hash;

  // `defaults` with what this judge sets for itself; `settled` where that is known.
  GenerationParams params(GenerationParams defaults) const;
};

struct MatrixCell {
  std::string type;                  // InstructionType::code; empty: any
  std::optional<Language> language;  // nullopt: any
  std::vector<std::string> judges;   // names of judges; several are a panel
  PanelRule rule = PanelRule::majority;
  std::string tie_breaker;  // a judge's name, of the panel or not; empty: none
  // For samples that bring no prompt, or for all where `dataset_prompts` is false.
  PromptSet prompts;
  bool dataset_prompts = true;
  std::optional<std::string> system;  // in place of the prompts' own; empty: none
  std::optional<Aggregation> aggregation;
};

class JudgeMatrix {
 public:
  const std::map<std::string, JudgeModel>& judges() const { return judges_; }
  const std::vector<MatrixCell>& cells() const { return cells_; }
  // The cell that fits best: of this type and language, of this type, of this language, any; null
  // where there is none. A sample without a language is taken for English.
  const MatrixCell* find(std::string_view type, std::optional<Language> language) const;
  // Whether every sample has a cell with a prompt that can be filled. bad_input names all the cells
  // (type and language) that are missing.
  Result<void> check(std::span<const Sample> samples) const;
  // The judge behind `name` as an LlmJudge of `cell` is told.
  LlmJudgeOptions options(const MatrixCell& cell, const std::string& name,
                          const GenerationParams& defaults) const;
  // For each type and language among the samples who judges it, and with what (run.h). `automatic`:
  // rules go first.
  std::vector<JudgeCell> judge_cells(std::span<const Sample> samples, bool automatic,
                                     const GenerationParams& defaults) const;
  // What asking `name` came to: its endpoint, the parameters as they are sent, and the hash of a
  // user's profile. Part of source() from then on.
  void settle(const std::string& name, std::string base_url, GenerationParams params,
              std::string profile_hash);
  // Everything to make the same matrix from again (matrix_from_json), as canonical JSON: its YAML,
  // the files that it names, and what was settled, so that a run needs none of them to be resumed.
  // Empty for matrix_of.
  std::string source() const;

 private:
  friend class MatrixLoader;
  friend JudgeMatrix matrix_of(const std::string& model, PromptSet prompts);

  std::map<std::string, JudgeModel> judges_;
  std::vector<MatrixCell> cells_;
  struct Source {
    std::string yaml;
    std::string model;
    std::map<std::string, std::string> files;
    bool embedded = false;  // it uses prompts that come with the program
  };
  Source source_;
};

// Reads a file that a matrix names; relative names are relative to the matrix's own.
using ReadMatrixFile = std::function<Result<std::string>(const std::string& name)>;

// The names of the embedded presets.
std::vector<std::string> matrix_presets();

// Reads the YAML form. `model` judges the cells that name no judge; empty where none was given.
// bad_input names `name`, the line and what is wrong.
Result<JudgeMatrix> load_matrix(std::string_view yaml, std::string_view name,
                                const std::string& model, const ReadMatrixFile& read);
// One of matrix_presets(); usage with the nearest match otherwise.
Result<JudgeMatrix> load_matrix_preset(std::string_view preset, const std::string& model);
// From JudgeMatrix::source().
Result<JudgeMatrix> matrix_from_json(std::string_view source);
// One model for everything, with the dataset's prompts where it has some.
JudgeMatrix matrix_of(const std::string& model, PromptSet prompts);
// The same models for everything, each asked in the same way.
Result<JudgeMatrix> matrix_of_panel(const std::vector<std::string>& models, PanelRule rule,
                                    const std::string& tie_breaker);

// The same cells for a run that rules alone judge; `judge` is "rules" or "auto".
std::vector<JudgeCell> rule_judge_cells(std::span<const Sample> samples, const std::string& judge);

// Asks the judge of the sample's cell. One thread (the event loop's).
class MatrixJudge final : public ModelJudge {
 public:
  // The model behind a judge's name, governed; must outlive the judge.
  using ProviderOf = std::function<Provider&(const std::string& name)>;

  MatrixJudge(std::string name, JudgeMatrix matrix, const GenerationParams& defaults,
              const ProviderOf& provider_of, const CallsDropped& dropped = nullptr);
  ~MatrixJudge() override;

  const std::string& name() const override { return name_; }
  // bad_input for a sample without a cell, which JudgeMatrix::check finds before a run.
  Async<Result<Judgement>> judge_rest(const Sample& sample, const Response& response, int rollout,
                                      std::vector<CriterionVerdict> known) override;

 private:
  struct Cell;

  std::string name_;
  JudgeMatrix matrix_;
  std::vector<Cell> cells_;  // as matrix_.cells()
};

}  // namespace iie
