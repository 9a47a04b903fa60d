// The judge matrix's YAML form, its presets and the JSON that runs store.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <utility>

#include "base/embedded.h"
#include "base/json.h"
#include "base/string_util.h"
#include "judge/matrix.h"
#include "judge/yaml_reader.h"

namespace iie {
namespace {

namespace bj = boost::json;

// Names of prompts that are not files.
constexpr std::string_view kDatasetPrompts = "dataset";
constexpr std::string_view kOpenPrompts = "open";
constexpr std::string_view kCriteriaPrompts = "criteria";
// The name of the judge that the command line gives.
constexpr std::string_view kGivenJudge = "(given)";

constexpr std::string_view kPresets[] = {"dataset", "open", "criteria", "card"};

std::string preset_file(std::string_view preset) {
  return fmt::format("judges/matrix_{}.yaml", preset);
}

std::vector<std::string> aggregations() { return {"all", "any", "mean", "min", "max"}; }

}  // namespace

// Reads one matrix; the first error ends it.
class MatrixLoader : private YamlReader {
 public:
  MatrixLoader(std::string_view name, std::string model, const ReadMatrixFile& read_file)
      : YamlReader(name), model_(std::move(model)), read_file_(read_file) {}

  Result<JudgeMatrix> load(std::string_view yaml) {
    IIE_CHECK_OK(parse(yaml, [this](const YamlNode& root) { return read_root(root); }));
    matrix_.source_ = {std::string(yaml), model_, std::move(files_), embedded_};
    return std::move(matrix_);
  }

 private:
  Result<void> read_root(const YamlNode& root) {
    IIE_CHECK_OK(check_keys(root, "the judge matrix", {"schema", "parts", "judges", "cells"}));
    const YamlNode& schema = root["schema"];
    if (!schema || !schema.is_scalar() || schema.text() != "1") {
      return error(schema ? schema : root, "expected 'schema: 1'");
    }
    if (const YamlNode& judges = root["judges"]) {
      if (!judges.is_map()) return error(judges, "expected 'judges' as a map from name to judge");
      for (const auto& [key, value] : judges.members()) {
        IIE_TRY(const std::string name, scalar(key, "judges"));
        if (matrix_.judges_.contains(name)) {
          return error(key, fmt::format("a second judge '{}'", one_line(name, 40)));
        }
        IIE_TRY(JudgeModel judge, read_judge(value));
        matrix_.judges_.emplace(name, std::move(judge));
      }
    }
    const YamlNode& cells = root["cells"];
    if (!cells || !cells.is_sequence() || cells.size() == 0) {
      return error(cells ? cells : root, "expected 'cells' as a list of at least one cell");
    }
    for (const YamlNode& node : cells.elements()) IIE_CHECK_OK(read_cell(node));
    drop_unused_judges();
    return {};
  }

  Result<std::int64_t> whole_number(const YamlNode& node, std::string_view key,
                                    std::int64_t low) const {
    IIE_TRY(const std::string text, scalar(node, key));
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < low) {
      return error(node, fmt::format("'{}': expected a whole number from {}, got '{}'", key, low,
                                     one_line(text, 40)));
    }
    return value;
  }

  Result<double> number(const YamlNode& node, std::string_view key, double high) const {
    IIE_TRY(const std::string text, scalar(node, key));
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > high) {
      return error(node, fmt::format("'{}': expected a number from 0 to {}, got '{}'", key, high,
                                     one_line(text, 40)));
    }
    return value;
  }

  Result<JudgeModel> read_judge(const YamlNode& node) const {
    IIE_CHECK_OK(check_keys(node, "a judge",
                            {"model", "base_url", "temperature", "top_p", "max_tokens", "seed",
                             "reasoning", "structured", "connections"}));
    if (!node["model"]) return error(node, "a judge has no 'model'");
    JudgeModel judge;
    IIE_TRY(judge.model, scalar(node["model"], "model"));
    if (judge.model.find(':') == std::string::npos) {
      return error(node["model"],
                   fmt::format("model '{}': expected DIALECT:MODEL", one_line(judge.model, 60)));
    }
    if (const YamlNode& value = node["base_url"]) {
      IIE_TRY(judge.base_url, scalar(value, "base_url"));
    }
    if (const YamlNode& value = node["temperature"]) {
      if (value.is_scalar() && value.text() == "none") {
        judge.no_temperature = true;
      } else {
        IIE_TRY(judge.temperature, number(value, "temperature", 2));
      }
    }
    if (const YamlNode& value = node["top_p"]) {
      IIE_TRY(judge.top_p, number(value, "top_p", 1));
    }
    if (const YamlNode& value = node["max_tokens"]) {
      IIE_TRY(judge.max_tokens, whole_number(value, "max_tokens", 1));
    }
    if (const YamlNode& value = node["seed"]) {
      IIE_TRY(judge.seed, whole_number(value, "seed", 0));
    }
    if (const YamlNode& value = node["connections"]) {
      IIE_TRY(judge.connections, whole_number(value, "connections", 1));
    }
    if (const YamlNode& value = node["reasoning"]) {
      IIE_TRY(const std::string text, scalar(value, "reasoning"));
      judge.reasoning = reasoning_from(text);
      if (!judge.reasoning) {
        return error(value, fmt::format("reasoning '{}': expected off, low, medium, high, auto or "
                                        "budget:N",
                                        one_line(text, 40)));
      }
    }
    if (const YamlNode& value = node["structured"]) {
      IIE_TRY(const std::string text, scalar(value, "structured"));
      if (text != "true" && text != "false") {
        return error(value, "'structured': expected true or false");
      }
      judge.structured = text == "true";
    }
    return judge;
  }

  // A judge of the map, or a model given in place of one.
  Result<std::string> judge_named(const YamlNode& node, const std::string& name) {
    if (matrix_.judges_.contains(name)) return name;
    if (name.find(':') != std::string::npos) {
      JudgeModel judge;
      judge.model = name;
      matrix_.judges_.emplace(name, std::move(judge));
      return name;
    }
    std::vector<std::string> known;
    for (const auto& [each, judge] : matrix_.judges_) known.push_back(each);
    return error(node, fmt::format("there is no judge '{}'{}", one_line(name, 40),
                                   did_you_mean(name, known)));
  }

  Result<void> read_cell(const YamlNode& node) {
    IIE_CHECK_OK(check_keys(node, "a cell",
                            {"type", "language", "judge", "panel", "rule", "tie_breaker", "prompts",
                             "system", "user", "format", "aggregation"}));
    if (!node["type"]) return error(node, "a cell has no 'type' (any: all of them)");
    MatrixCell cell;
    IIE_CHECK_OK(read_judges(node, cell));
    IIE_CHECK_OK(read_prompts(node, cell));
    if (const YamlNode& value = node["aggregation"]) {
      IIE_TRY(const std::string text, scalar(value, "aggregation"));
      cell.aggregation = aggregation_from(text);
      if (!cell.aggregation) {
        return error(value, fmt::format("unknown aggregation '{}'{}", one_line(text, 40),
                                        did_you_mean(text, aggregations())));
      }
    }
    std::vector<std::optional<Language>> languages = {std::nullopt};
    if (const YamlNode& value = node["language"]) {
      IIE_TRY(const std::vector<std::string> texts_of, texts(value, "language"));
      languages.clear();
      for (const std::string& text : texts_of) {
        if (text == "any") {
          languages.emplace_back(std::nullopt);
          continue;
        }
        const Result<Language> language = parse_language(text);
        if (!language) return error(value, language.error().message);
        languages.emplace_back(*language);
      }
    }
    IIE_TRY(const std::vector<std::string> types, texts(node["type"], "type"));
    for (const std::string& text : types) {
      cell.type.clear();
      if (text != "any") {
        Result<std::string> type = parse_instruction_type(text);
        if (!type) return error(node["type"], type.error().message);
        cell.type = *std::move(type);
      }
      for (const std::optional<Language> language : languages) {
        cell.language = language;
        const bool twice = std::ranges::any_of(matrix_.cells_, [&](const MatrixCell& other) {
          return other.type == cell.type && other.language == cell.language;
        });
        if (twice) {
          return error(node, fmt::format("a second cell for {} {}",
                                         cell.type.empty() ? "any type" : cell.type,
                                         language ? to_string(*language) : "in any language"));
        }
        matrix_.cells_.push_back(cell);
      }
    }
    return {};
  }

  Result<void> read_judges(const YamlNode& node, MatrixCell& cell) {
    if (node["judge"] && node["panel"])
      return error(node, "a cell has a judge or a panel, not both");
    if (const YamlNode& value = node["judge"]) {
      IIE_TRY(const std::string name, scalar(value, "judge"));
      IIE_TRY(cell.judges.emplace_back(), judge_named(value, name));
    } else if (const YamlNode& panel = node["panel"]) {
      IIE_TRY(const std::vector<std::string> names, texts(panel, "panel"));
      if (names.size() < 2) return error(panel, "a panel has at least two judges");
      for (const std::string& name : names) {
        IIE_TRY(const std::string judge, judge_named(panel, name));
        if (std::ranges::find(cell.judges, judge) != cell.judges.end()) {
          return error(panel,
                       fmt::format("judge '{}' stands twice in the panel", one_line(name, 40)));
        }
        cell.judges.push_back(judge);
      }
    } else {
      if (model_.empty()) {
        return error(node, "a cell names no judge; give the model as matrix:NAME=openai:MODEL");
      }
      if (!matrix_.judges_.contains(std::string(kGivenJudge))) {
        JudgeModel judge;
        judge.model = model_;
        matrix_.judges_.emplace(kGivenJudge, std::move(judge));
      }
      cell.judges.emplace_back(kGivenJudge);
    }
    for (const char* key : {"rule", "tie_breaker"}) {
      if (node[key] && cell.judges.size() < 2) {
        return error(node[key], fmt::format("'{}' is for panels", key));
      }
    }
    if (const YamlNode& value = node["rule"]) {
      IIE_TRY(const std::string text, scalar(value, "rule"));
      const std::optional<PanelRule> rule = panel_rule_from(text);
      if (!rule) {
        return error(value, fmt::format("unknown rule '{}'{}", one_line(text, 40),
                                        did_you_mean(text, {"majority", "unanimous", "any"})));
      }
      cell.rule = *rule;
    }
    if (const YamlNode& value = node["tie_breaker"]) {
      IIE_TRY(const std::string name, scalar(value, "tie_breaker"));
      IIE_TRY(cell.tie_breaker, judge_named(value, name));
    }
    return {};
  }

  Result<void> read_prompts(const YamlNode& node, MatrixCell& cell) {
    const bool inline_prompt = node["user"] || node["format"];
    if (const YamlNode& system = node["system"]) {
      IIE_TRY(const std::string text, paragraphs(system, "system"));
      cell.system = text == "none" ? "" : text;
    }
    if (inline_prompt) {
      if (node["prompts"]) {
        return error(node, "a cell has 'prompts', or a prompt of its own ('user' and 'format')");
      }
      for (const char* key : {"user", "format"}) {
        if (!node[key]) return error(node, fmt::format("a prompt has no '{}'", key));
      }
      JudgePrompt prompt;
      IIE_TRY(const std::string format, scalar(node["format"], "format"));
      const std::optional<VerdictFormat> known = verdict_format_from(format);
      if (!known) {
        return error(node["format"],
                     fmt::format("unknown format '{}'{}", one_line(format, 40),
                                 did_you_mean(format, {"answer_score", "pass_fail", "yes_no",
                                                       "criteria_list"})));
      }
      prompt.format = *known;
      prompt.system = cell.system.value_or("");
      cell.system.reset();
      IIE_TRY(prompt.user_template, paragraphs(node["user"], "user"));
      auto set = prompt_set_of(prompt);
      if (!set) return error(node["user"], set.error().message);
      cell.prompts = *std::move(set);
      cell.dataset_prompts = false;
      return {};
    }
    std::string name(kDatasetPrompts);
    if (const YamlNode& prompts = node["prompts"]) {
      IIE_TRY(name, scalar(prompts, "prompts"));
    }
    cell.dataset_prompts = name == kDatasetPrompts;
    if (name == kDatasetPrompts || name == kOpenPrompts || name == kCriteriaPrompts) {
      embedded_ = true;
      cell.prompts = name == kCriteriaPrompts ? criteria_prompt_set() : default_prompt_set();
      return {};
    }
    if (!files_.contains(name)) {
      auto text = read_file_(name);
      if (!text) return error(node["prompts"], text.error().message);
      files_.emplace(name, *std::move(text));
    }
    IIE_TRY(cell.prompts, load_prompt_set(files_.at(name), name));
    return {};
  }

  void drop_unused_judges() {
    std::erase_if(matrix_.judges_, [&](const auto& judge) {
      return std::ranges::none_of(matrix_.cells_, [&](const MatrixCell& cell) {
        return cell.tie_breaker == judge.first ||
               std::ranges::find(cell.judges, judge.first) != cell.judges.end();
      });
    });
  }

  std::string model_;
  const ReadMatrixFile& read_file_;
  std::map<std::string, std::string> files_;
  bool embedded_ = false;
  JudgeMatrix matrix_;
};

void JudgeMatrix::settle(const std::string& name, std::string base_url, GenerationParams params,
                         std::string profile_hash) {
  JudgeModel& judge = judges_.at(name);
  judge.base_url = std::move(base_url);
  judge.settled = std::move(params);
  judge.profile_hash = std::move(profile_hash);
}

std::string JudgeMatrix::source() const {
  if (source_.yaml.empty()) return {};
  bj::object files;
  for (const auto& [file, text] : source_.files) files.emplace(file, text);
  bj::object settled;
  for (const auto& [name, judge] : judges_) {
    if (!judge.settled) continue;
    RunSpec spec;  // its JSON is the one form of parameters
    spec.model = judge.model;
    spec.params = *judge.settled;
    bj::object one{{"base_url", judge.base_url}, {"spec", run_spec_to_json(spec)}};
    if (!judge.profile_hash.empty()) one.emplace("profile", judge.profile_hash);
    settled.emplace(name, std::move(one));
  }
  bj::object source{{"yaml", source_.yaml}};
  if (!source_.model.empty()) source.emplace("model", source_.model);
  if (!files.empty()) source.emplace("files", std::move(files));
  if (source_.embedded) {
    source.emplace("embedded", default_prompt_set().hash() + criteria_prompt_set().hash());
  }
  if (!settled.empty()) source.emplace("settled", std::move(settled));
  return to_canonical_json(source);
}

std::vector<std::string> matrix_presets() { return {std::begin(kPresets), std::end(kPresets)}; }

Result<JudgeMatrix> load_matrix(std::string_view yaml, std::string_view name,
                                const std::string& model, const ReadMatrixFile& read) {
  return MatrixLoader(name, model, read).load(yaml);
}

Result<JudgeMatrix> load_matrix_preset(std::string_view preset, const std::string& model) {
  const std::vector<std::string> presets = matrix_presets();
  if (std::ranges::find(presets, preset) == presets.end()) {
    return fail(
        ErrorKind::usage,
        fmt::format("there is no judge matrix '{}'{} (presets: {}; a file's name ends in "
                    ".yaml or has a '/')",
                    one_line(preset, 60), did_you_mean(preset, presets), join(presets, ", ")));
  }
  const auto text = embedded_file(preset_file(preset));
  if (!text) return fail(ErrorKind::bug, fmt::format("preset {} is not embedded", preset));
  return load_matrix(*text, preset, model, [](const std::string& name) -> Result<std::string> {
    return fail(ErrorKind::bug, fmt::format("a preset names the file '{}'", name));
  });
}

Result<JudgeMatrix> matrix_from_json(std::string_view source) {
  IIE_TRY(const bj::value document, parse_json(source));
  JsonFields fields(document, "judge_matrix");
  const std::string yaml = fields.required_string("yaml");
  const std::string model = fields.string_or("model", "");
  const std::string embedded = fields.string_or("embedded", "");
  const bj::object* files = fields.optional_object("files");
  const bj::object* settled = fields.optional_object("settled");
  IIE_CHECK_OK(fields.finish());
  if (!embedded.empty() && embedded != default_prompt_set().hash() + criteria_prompt_set().hash()) {
    return fail(ErrorKind::bad_input,
                "the judge matrix uses prompts that come with the program, and this version's "
                "differ from those that the run began with; use that version, or start a new run");
  }
  const ReadMatrixFile read = [files](const std::string& name) -> Result<std::string> {
    const bj::value* text = files != nullptr ? files->if_contains(name) : nullptr;
    if (text == nullptr || !text->is_string()) {
      return fail(ErrorKind::corrupt, fmt::format("'{}' is not in the stored matrix", name));
    }
    return std::string(text->get_string());
  };
  IIE_TRY(JudgeMatrix matrix, load_matrix(yaml, "judge_matrix", model, read));
  if (settled == nullptr) return matrix;
  for (const auto& [key, value] : *settled) {
    const std::string name(key);
    if (!matrix.judges().contains(name)) {
      return fail(ErrorKind::corrupt, fmt::format("judge_matrix: there is no judge '{}'", name));
    }
    JsonFields judge(value, "judge_matrix.settled");
    std::string base_url = judge.required_string("base_url");
    const std::string text = judge.required_string("spec");
    std::string profile = judge.string_or("profile", "");
    IIE_CHECK_OK(judge.finish());
    IIE_TRY(const RunSpec spec, run_spec_from_json(text));
    matrix.settle(name, std::move(base_url), spec.params, std::move(profile));
  }
  return matrix;
}

JudgeMatrix matrix_of(const std::string& model, PromptSet prompts) {
  JudgeMatrix matrix;
  matrix.judges_[model].model = model;
  MatrixCell& cell = matrix.cells_.emplace_back();
  cell.judges = {model};
  cell.prompts = std::move(prompts);
  return matrix;
}

Result<JudgeMatrix> matrix_of_panel(const std::vector<std::string>& models, PanelRule rule,
                                    const std::string& tie_breaker) {
  std::string yaml = "schema: 1\ncells:\n  - type: any\n    panel: [";
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (i > 0) yaml += ", ";
    append_json_string(yaml, models[i]);  // a JSON string is a YAML one
  }
  yaml += fmt::format("]\n    rule: {}\n", to_string(rule));
  if (!tie_breaker.empty()) {
    yaml += "    tie_breaker: ";
    append_json_string(yaml, tie_breaker);
    yaml += '\n';
  }
  return load_matrix(yaml, "panel", "", [](const std::string& name) -> Result<std::string> {
    return fail(ErrorKind::bug, fmt::format("a panel names the file '{}'", name));
  });
}

}  // namespace iie
