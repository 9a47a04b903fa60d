#include "core/run.h"

#include <boost/json/value.hpp>
#include <utility>

#include "base/hash.h"
#include "base/json.h"

namespace iie {
namespace {

namespace bj = boost::json;

template <typename T>
void put(bj::object& object, const char* key, const std::optional<T>& value) {
  if (value) object.emplace(key, *value);
}

void put(bj::object& object, const char* key, const std::string& text) {
  if (!text.empty()) object.emplace(key, text);
}

bj::object write_params(const GenerationParams& params) {
  bj::object out;
  put(out, "temperature", params.temperature);
  put(out, "top_p", params.top_p);
  put(out, "max_tokens", params.max_tokens);
  put(out, "seed", params.seed);
  put(out, "system_prompt", params.system_prompt);
  if (params.reasoning) out.emplace("reasoning", to_string(*params.reasoning));
  return out;
}

Result<GenerationParams> read_params(const bj::value* value, std::string where) {
  GenerationParams params;
  if (value == nullptr) return params;
  JsonFields fields(*value, std::move(where));
  params.temperature = fields.optional_number("temperature");
  params.top_p = fields.optional_number("top_p");
  params.max_tokens = fields.optional_int("max_tokens");
  params.seed = fields.optional_int("seed");
  if (fields.has("system_prompt")) params.system_prompt = fields.required_string("system_prompt");
  if (fields.has("reasoning")) {
    params.reasoning = reasoning_from(fields.required_string("reasoning"));
    if (!params.reasoning) fields.reject("reasoning", "expected off, low, ..., budget:N");
  }
  IIE_CHECK_OK(fields.finish());
  return params;
}

bj::array write_cells(const std::vector<JudgeCell>& cells) {
  bj::array out;
  for (const JudgeCell& cell : cells) {
    bj::object one;
    put(one, "type", cell.type);
    if (cell.language) one.emplace("language", to_string(*cell.language));
    put(one, "judge", cell.judge);
    put(one, "fingerprint", cell.fingerprint);
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<JudgeCell>> read_cells(const bj::array* array) {
  std::vector<JudgeCell> cells;
  if (array == nullptr) return cells;
  for (const bj::value& element : *array) {
    JsonFields fields(element, "judge_cells");
    JudgeCell& cell = cells.emplace_back();
    cell.type = fields.string_or("type", "");
    if (fields.has("language")) {
      IIE_TRY(cell.language, parse_language(fields.required_string("language")));
    }
    cell.judge = fields.string_or("judge", "");
    cell.fingerprint = fields.string_or("fingerprint", "");
    IIE_CHECK_OK(fields.finish());
  }
  return cells;
}

bj::object write_usage(const Usage& usage) {
  bj::object out;
  put(out, "input_tokens", usage.input_tokens);
  put(out, "output_tokens", usage.output_tokens);
  put(out, "reasoning_tokens", usage.reasoning_tokens);
  put(out, "cached_tokens", usage.cached_tokens);
  put(out, "cache_write_tokens", usage.cache_write_tokens);
  put(out, "cache_write_long_tokens", usage.cache_write_long_tokens);
  return out;
}

}  // namespace

std::string run_spec_to_json(const RunSpec& spec) {
  bj::object out;
  put(out, "model", spec.model);
  put(out, "model_endpoint", spec.model_endpoint);
  put(out, "model_profile", spec.model_profile);
  if (spec.params != GenerationParams{}) out.emplace("params", write_params(spec.params));
  put(out, "judge", spec.judge);
  put(out, "judge_endpoint", spec.judge_endpoint);
  put(out, "judge_profile", spec.judge_profile);
  if (spec.judge_params != GenerationParams{}) {
    out.emplace("judge_params", write_params(spec.judge_params));
  }
  put(out, "judge_prompts", spec.judge_prompts);
  out.emplace("rollouts", spec.rollouts);
  put(out, "protocol", spec.protocol);
  put(out, "dataset", spec.dataset);
  put(out, "dataset_format", spec.dataset_format);
  put(out, "dataset_hash", spec.dataset_hash);
  put(out, "responses_hash", spec.responses_hash);
  put(out, "responses_model", spec.responses_model);
  put(out, "responses_file", spec.responses_file);
  if (spec.left_out > 0) {
    bj::array first;
    for (const std::string& id : spec.left_out_first) first.push_back(bj::string(id));
    out.emplace("left_out", spec.left_out);
    out.emplace("left_out_first", std::move(first));
  }
  put(out, "judge_matrix", spec.judge_matrix);
  put(out, "rejudged", spec.rejudged);
  if (!spec.judge_cells.empty()) out.emplace("judge_cells", write_cells(spec.judge_cells));
  return to_canonical_json(out);
}

Result<RunSpec> run_spec_from_json(std::string_view json) {
  IIE_TRY(const bj::value document, parse_json(json));
  JsonFields fields(document, "");
  RunSpec spec;
  spec.model = fields.required_string("model");
  spec.model_endpoint = fields.string_or("model_endpoint", "");
  spec.model_profile = fields.string_or("model_profile", "");
  IIE_TRY(spec.params, read_params(fields.optional_value("params"), "params"));
  spec.judge = fields.string_or("judge", "");
  spec.judge_endpoint = fields.string_or("judge_endpoint", "");
  spec.judge_profile = fields.string_or("judge_profile", "");
  IIE_TRY(spec.judge_params, read_params(fields.optional_value("judge_params"), "judge_params"));
  spec.judge_prompts = fields.string_or("judge_prompts", "");
  spec.rollouts = static_cast<int>(fields.optional_int("rollouts").value_or(1));
  spec.protocol = fields.string_or("protocol", "");
  spec.dataset = fields.string_or("dataset", "");
  spec.dataset_format = fields.string_or("dataset_format", "");
  spec.dataset_hash = fields.string_or("dataset_hash", "");
  spec.responses_hash = fields.string_or("responses_hash", "");
  spec.responses_model = fields.string_or("responses_model", "");
  spec.responses_file = fields.string_or("responses_file", "");
  spec.left_out = fields.optional_int("left_out").value_or(0);
  spec.left_out_first = fields.strings_or_empty("left_out_first");
  spec.judge_matrix = fields.string_or("judge_matrix", "");
  spec.rejudged = fields.string_or("rejudged", "");
  IIE_TRY(spec.judge_cells, read_cells(fields.optional_array("judge_cells")));
  IIE_CHECK_OK(fields.finish());
  return spec;
}

std::string run_key(const RunSpec& spec) {
  RunSpec keyed = spec;
  keyed.responses_file.clear();
  keyed.rejudged.clear();
  keyed.judge_cells.clear();
  return sha256_hex(run_spec_to_json(keyed));
}

std::string judge_calls_to_json(const std::vector<JudgeCall>& calls) {
  bj::array array;
  for (const JudgeCall& call : calls) {
    bj::object one;
    put(one, "judge", call.judge);
    put(one, "criterion", call.criterion);
    one.emplace("reply", call.reply);
    put(one, "reasoning", call.reasoning);
    if (call.usage != Usage{}) one.emplace("usage", write_usage(call.usage));
    if (call.latency) one.emplace("latency_ms", call.latency->count());
    if (call.answered) one.emplace("at", call.answered->time_since_epoch().count());
    if (!call.readable) one.emplace("readable", false);
    array.push_back(std::move(one));
  }
  return to_json(array);
}

std::vector<JudgeCall> judge_calls_from_json(std::string_view json) {
  std::vector<JudgeCall> calls;
  const auto document = parse_json(json);
  if (!document || !document->is_array()) return {};
  for (const bj::value& element : document->get_array()) {
    JsonFields fields(element, "");
    JudgeCall call;
    call.judge = fields.string_or("judge", "");
    call.criterion = fields.string_or("criterion", "");
    call.reply = fields.string_or("reply", "");
    call.reasoning = fields.string_or("reasoning", "");
    if (const bj::value* usage = fields.optional_value("usage")) {
      JsonFields counts(*usage, "usage");
      call.usage.input_tokens = counts.optional_int("input_tokens");
      call.usage.output_tokens = counts.optional_int("output_tokens");
      call.usage.reasoning_tokens = counts.optional_int("reasoning_tokens");
      call.usage.cached_tokens = counts.optional_int("cached_tokens");
      call.usage.cache_write_tokens = counts.optional_int("cache_write_tokens");
      call.usage.cache_write_long_tokens = counts.optional_int("cache_write_long_tokens");
    }
    if (const auto latency = fields.optional_int("latency_ms")) {
      call.latency = std::chrono::milliseconds(*latency);
    }
    if (const auto at = fields.optional_int("at")) {
      call.answered = WallTime(std::chrono::milliseconds(*at));
    }
    call.readable = fields.bool_or("readable", true);
    if (!fields.ok()) return {};
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace iie
