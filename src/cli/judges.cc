#include "cli/judges.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/string_util.h"
#include "judge/llm_judge.h"
#include "provider/model_spec.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

Result<std::optional<double>> judge_temperature(const std::string& text,
                                                std::optional<double> fallback) {
  if (text.empty()) return fallback;
  if (text == "none") return std::optional<double>();
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > 2) {
    return fail(
        ErrorKind::usage,
        fmt::format("--judge-temperature: expected a number from 0 to 2 or 'none', got '{}'",
                    one_line(text, 40)));
  }
  return std::optional<double>(value);
}

Result<PromptSet> read_prompts(const std::string& file) {
  if (file.empty()) return default_prompt_set();
  IIE_TRY(const std::string text, read_file(file));
  IIE_TRY(PromptSet prompts, load_prompt_set(text, file));
  prompts.add_missing(default_prompt_set());
  return prompts;
}

// A preset's name has neither folder nor extension.
bool is_file(const std::string& matrix) {
  return matrix.find('/') != std::string::npos || matrix.ends_with(".yaml") ||
         matrix.ends_with(".yml");
}

Result<JudgeMatrix> make_matrix(const JudgeSpec& judge, const std::string& prompts_file) {
  if (judge.one_model()) {
    IIE_TRY(PromptSet prompts, read_prompts(prompts_file));
    return matrix_of(judge.llm(), std::move(prompts));
  }
  if (!prompts_file.empty()) {
    return fail(ErrorKind::usage,
                "--judge-prompts is for one model; a matrix file names its prompts itself");
  }
  if (!judge.panel.empty()) return matrix_of_panel(judge.panel, judge.rule, judge.tie_breaker);
  if (!is_file(judge.matrix)) return load_matrix_preset(judge.matrix, judge.matrix_model);
  IIE_TRY(const std::string yaml, read_file(judge.matrix));
  const fs::path folder = fs::path(judge.matrix).parent_path();
  return load_matrix(yaml, judge.matrix, judge.matrix_model,
                     [folder](const std::string& name) { return read_file(folder / name); });
}

// What decides a run's verdicts beside the models' names: of one model the prompts alone, as runs
// have always stored it.
Result<std::string> prompts_hash(const JudgeMatrix& matrix, const JudgeSpec& judge,
                                 const std::vector<Sample>& samples,
                                 const std::vector<JudgeCell>& cells) {
  if (judge.one_model()) return judge_prompts_hash(matrix.cells().front().prompts, samples);
  std::string told;
  for (const JudgeCell& cell : cells) told += cell.fingerprint + '\n';
  return sha256_hex(told);
}

}  // namespace

Result<JudgeSetup> settle_judges(const JudgeSpec& judge, const JudgeOptions& options,
                                 const SharedEndpoint& shared, const std::vector<Sample>& samples,
                                 const Profiles& profiles, const Environment& environment,
                                 RunSpec& spec) {
  IIE_TRY(JudgeMatrix matrix, make_matrix(judge, options.prompts));
  return settle_matrix(std::move(matrix), judge, options, shared, samples, profiles, environment,
                       spec);
}

Result<JudgeSetup> settle_matrix(JudgeMatrix matrix, const JudgeSpec& judge,
                                 const JudgeOptions& options, const SharedEndpoint& shared,
                                 const std::vector<Sample>& samples, const Profiles& profiles,
                                 const Environment& environment, RunSpec& spec) {
  JudgeSetup setup;
  setup.matrix = std::move(matrix);
  IIE_CHECK_OK(setup.matrix.check(samples));
  IIE_TRY(const auto reasoning, reasoning_option(options.reasoning, "--judge-reasoning"));
  const GenerationParams ours = LlmJudgeOptions().params;
  IIE_TRY(const auto temperature, judge_temperature(options.temperature, ours.temperature));
  const std::map<std::string, JudgeModel> judges = setup.matrix.judges();
  for (const auto& [name, model] : judges) {
    IIE_TRY(const ModelSpec model_spec, parse_model_spec(model.model, profiles));
    std::string flag = model.base_url.empty() ? options.base_url : model.base_url;
    if (flag.empty() && (shared.profile == "replay" || shared.profile == model_spec.provider)) {
      flag = shared.base_url;
    }
    IIE_TRY(Target target, find_target(profiles, model_spec.provider, model_spec.name, flag,
                                       KeyUse::judge, environment));
    GenerationParams defaults = ours;
    defaults.reasoning = model.reasoning ? model.reasoning : reasoning;
    // The default is ours: where the model takes none, none is sent.
    const bool refused = target.profile.refuses_param("temperature", defaults.reasoning);
    defaults.temperature = refused && options.temperature.empty() ? std::nullopt : temperature;
    if (options.max_tokens) defaults.max_tokens = options.max_tokens;
    GenerationParams params = model.params(defaults);
    if (const auto settled = settle_params(target.profile, params); !settled) {
      return fail(settled.error().kind, "judge " + settled.error().message);
    }
    if (model.structured && !target.profile.structured_output) {
      return fail(ErrorKind::usage,
                  fmt::format("judge '{}': its endpoint takes no JSON schema (structured)",
                              one_line(name, 40)));
    }
    setup.matrix.settle(name, target.base_url, std::move(params), target.user_hash);
    setup.targets.emplace(name, std::move(target));
  }
  spec.judge_cells =
      setup.matrix.judge_cells(samples, judge.kind == JudgeSpec::Kind::automatic, {});
  IIE_TRY(spec.judge_prompts, prompts_hash(setup.matrix, judge, samples, spec.judge_cells));
  spec.judge_matrix = setup.matrix.source();
  if (judge.one_model()) {
    const JudgeModel& model = setup.matrix.judges().begin()->second;
    spec.judge_endpoint = model.base_url;
    spec.judge_profile = model.profile_hash;
    spec.judge_params = *model.settled;
  }
  return setup;
}

Result<JudgeSetup> stored_judges(const JudgeSpec& judge, const std::string& prompts_file,
                                 const std::vector<Sample>& samples, const Profiles& profiles,
                                 const Environment& environment, const RunSpec& spec) {
  JudgeSetup setup;
  if (spec.judge_matrix.empty()) {
    IIE_TRY(setup.matrix, make_matrix(judge, prompts_file));
    setup.matrix.settle(judge.llm(), spec.judge_endpoint, spec.judge_params, spec.judge_profile);
  } else {
    IIE_TRY(setup.matrix, matrix_from_json(spec.judge_matrix));
  }
  IIE_CHECK_OK(setup.matrix.check(samples));
  const auto cells =
      setup.matrix.judge_cells(samples, judge.kind == JudgeSpec::Kind::automatic, {});
  IIE_TRY(const std::string hash, prompts_hash(setup.matrix, judge, samples, cells));
  if (!spec.judge_prompts.empty() && spec.judge_prompts != hash) {
    return fail(ErrorKind::bad_input,
                "the judge prompts are not those that the run began with; give its file with "
                "--judge-prompts, or start a new run");
  }
  for (const auto& [name, model] : setup.matrix.judges()) {
    IIE_TRY(const ModelSpec model_spec, parse_model_spec(model.model, profiles));
    IIE_TRY(Target target, find_target(profiles, model_spec.provider, model_spec.name,
                                       model.base_url, KeyUse::judge, environment));
    IIE_CHECK_OK(check_same_profile(target.user_hash, model.profile_hash, model_spec.provider));
    setup.targets.emplace(name, std::move(target));
  }
  return setup;
}

Result<std::vector<JudgeEndpoint>> judge_endpoints(const RunSpec& spec) {
  std::vector<JudgeEndpoint> out;
  if (!spec.judge_matrix.empty()) {
    IIE_TRY(const JudgeMatrix matrix, matrix_from_json(spec.judge_matrix));
    for (const auto& [name, model] : matrix.judges()) out.push_back({model.model, model.base_url});
  } else if (!spec.judge_endpoint.empty()) {
    std::string model = spec.judge;
    if (model.starts_with("auto:")) model.erase(0, 5);
    out.push_back({std::move(model), spec.judge_endpoint});
  }
  return out;
}

}  // namespace iie
