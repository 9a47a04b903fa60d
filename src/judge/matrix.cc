#include "judge/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <charconv>
#include <memory>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"

namespace iie {
namespace {

std::string cell_name(std::string_view type, std::optional<Language> language) {
  return fmt::format("{} {}", type.empty() ? "(no type)" : type,
                     language ? to_string(*language) : "(no language)");
}

void append_params(std::string& out, const GenerationParams& params) {
  RunSpec spec;  // its JSON is the one form of parameters
  spec.params = params;
  out += run_spec_to_json(spec);
}

using CellSamples =
    std::map<std::pair<std::string, std::optional<Language>>, std::vector<const Sample*>>;

// In reporting order.
auto place_of(const JudgeCell& cell) {
  const auto& types = instruction_types();
  const auto found = std::ranges::find(types, cell.type, &InstructionType::code);
  return std::pair(found - types.begin(), cell.language);
}

CellSamples by_cell(std::span<const Sample> samples) {
  CellSamples cells;
  for (const Sample& sample : samples) cells[{sample.type, sample.language}].push_back(&sample);
  return cells;
}

}  // namespace

GenerationParams JudgeModel::params(GenerationParams defaults) const {
  if (settled) return *settled;
  if (temperature || no_temperature) defaults.temperature = temperature;
  if (top_p) defaults.top_p = top_p;
  if (max_tokens) defaults.max_tokens = max_tokens;
  if (seed) defaults.seed = seed;
  if (reasoning) defaults.reasoning = reasoning;
  return defaults;
}

const MatrixCell* JudgeMatrix::find(std::string_view type, std::optional<Language> language) const {
  const Language wanted = language.value_or(Language::english);
  const MatrixCell* best = nullptr;
  int best_fit = -1;
  for (const MatrixCell& cell : cells_) {
    if (!cell.type.empty() && cell.type != type) continue;
    if (cell.language && *cell.language != wanted) continue;
    const int fit = (cell.type.empty() ? 0 : 2) + (cell.language ? 1 : 0);
    if (fit > best_fit) {
      best = &cell;
      best_fit = fit;
    }
  }
  return best;
}

Result<void> JudgeMatrix::check(std::span<const Sample> samples) const {
  std::vector<std::string> missing;
  for (const auto& [key, cell_samples] : by_cell(samples)) {
    if (find(key.first, key.second) == nullptr) missing.push_back(cell_name(key.first, key.second));
  }
  if (!missing.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("the judge matrix has no cell for {}", join(missing, ", ")));
  }
  for (const Sample& sample : samples) {
    const MatrixCell& cell = *find(sample.type, sample.language);
    IIE_CHECK_OK(check_judge_prompts(cell.prompts, {&sample, 1}, cell.dataset_prompts));
  }
  return {};
}

LlmJudgeOptions JudgeMatrix::options(const MatrixCell& cell, const std::string& name,
                                     const GenerationParams& defaults) const {
  const JudgeModel& judge = judges_.at(name);
  LlmJudgeOptions options;
  options.params = judge.params(defaults);
  options.prompts = cell.prompts;
  options.dataset_prompts = cell.dataset_prompts;
  options.system = cell.system;
  options.aggregation = cell.aggregation;
  options.structured = judge.structured;
  options.name_calls = judges_.size() > 1;
  return options;
}

std::vector<JudgeCell> JudgeMatrix::judge_cells(std::span<const Sample> samples, bool automatic,
                                                const GenerationParams& defaults) const {
  std::vector<JudgeCell> out;
  for (const auto& [key, cell_samples] : by_cell(samples)) {
    const MatrixCell* cell = find(key.first, key.second);
    if (cell == nullptr) continue;
    // Written as JSON strings, so that no two different judges give the same text.
    std::string told = automatic ? "\"auto\"" : "\"llm\"";
    std::vector<std::string> asked = cell->judges;
    if (asked.size() > 1) {
      told += fmt::format("\"{}\"", to_string(cell->rule));
      if (!cell->tie_breaker.empty()) {
        asked.push_back(cell->tie_breaker);
        told += "\"tie\"";
      }
    }
    std::vector<std::string> models;
    for (const std::string& name : asked) {
      const JudgeModel& judge = judges_.at(name);
      append_json_string(told, judge.model);
      append_params(told, judge.params(defaults));
      if (judge.structured) told += "\"structured\"";
      if (models.size() < cell->judges.size()) models.push_back(judge.model);
    }
    if (cell->system) append_json_string(told, *cell->system);
    if (cell->aggregation) append_json_string(told, to_string(*cell->aggregation));
    told += cell_prompts_hash(cell->prompts, cell->dataset_prompts, cell_samples);

    JudgeCell& one = out.emplace_back();
    one.type = key.first;
    one.language = key.second;
    one.judge =
        (automatic ? "auto:" : "") +
        (models.size() == 1 ? models.front()
                            : fmt::format("panel:{}:{}", to_string(cell->rule), join(models, ",")));
    one.fingerprint = sha256_hex(told);
  }
  std::ranges::stable_sort(out, {}, place_of);
  return out;
}

std::vector<JudgeCell> rule_judge_cells(std::span<const Sample> samples, const std::string& judge) {
  std::vector<JudgeCell> cells;
  for (const auto& [key, cell_samples] : by_cell(samples)) {
    cells.push_back({key.first, key.second, judge, sha256_hex("rules")});
  }
  std::ranges::stable_sort(cells, {}, place_of);
  return cells;
}

struct MatrixJudge::Cell {
  std::vector<std::unique_ptr<LlmJudge>> judges;
  std::unique_ptr<LlmJudge> tie_breaker;
  std::unique_ptr<PanelJudge> panel;

  ModelJudge& judge() const {
    return panel ? static_cast<ModelJudge&>(*panel) : static_cast<ModelJudge&>(*judges.front());
  }
};

MatrixJudge::MatrixJudge(std::string name, JudgeMatrix matrix, const GenerationParams& defaults,
                         const ProviderOf& provider_of, const CallsDropped& dropped)
    : name_(std::move(name)), matrix_(std::move(matrix)) {
  for (const MatrixCell& cell : matrix_.cells()) {
    Cell& made = cells_.emplace_back();
    const auto make = [&](const std::string& judge) {
      LlmJudgeOptions options = matrix_.options(cell, judge, defaults);
      options.dropped = dropped;
      return std::make_unique<LlmJudge>(provider_of(judge), std::move(options));
    };
    std::vector<ModelJudge*> members;
    for (const std::string& judge : cell.judges) {
      made.judges.push_back(make(judge));
      members.push_back(made.judges.back().get());
    }
    if (members.size() < 2) continue;
    PanelOptions options;
    options.rule = cell.rule;
    options.dropped = dropped;
    if (!cell.tie_breaker.empty()) {
      const auto member = std::ranges::find(cell.judges, cell.tie_breaker);
      if (member != cell.judges.end()) {
        options.tie_member = static_cast<std::size_t>(member - cell.judges.begin());
      } else {
        made.tie_breaker = make(cell.tie_breaker);
        options.tie_breaker = made.tie_breaker.get();
      }
    }
    made.panel = std::make_unique<PanelJudge>("panel", std::move(members), options);
  }
}

MatrixJudge::~MatrixJudge() = default;

Async<Result<Judgement>> MatrixJudge::judge_rest(const Sample& sample, const Response& response,
                                                 int rollout, std::vector<CriterionVerdict> known) {
  const MatrixCell* cell = matrix_.find(sample.type, sample.language);
  if (cell == nullptr) {
    co_return fail(ErrorKind::bad_input, fmt::format("the judge matrix has no cell for {}",
                                                     cell_name(sample.type, sample.language)));
  }
  const auto place = static_cast<std::size_t>(cell - matrix_.cells().data());
  co_return co_await cells_[place].judge().judge_rest(sample, response, rollout, std::move(known));
}

}  // namespace iie
