#include "dataset/responses.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"
#include "core/reported_usage.h"
#include "dataset/formats.h"
#include "dataset/input.h"

namespace iie {
namespace {

namespace bj = boost::json;

// Far above any real number of rollouts; keeps a slip (a timestamp) from becoming a plan.
constexpr std::int64_t kMaxRollout = 99'999;
// Of one response; what is above is no count. Sums of a few must not overflow.
constexpr std::int64_t kMaxTokens = std::int64_t{1} << 40;

// Finds the sample that a record answers.
class Matcher {
 public:
  explicit Matcher(const Dataset& dataset) : samples_(dataset.samples) {
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      by_id_.emplace(samples_[i].id, i);
      const auto [found, fresh] = by_prompt_.emplace(prompt(i), i);
      if (!fresh) found->second = kAmbiguous;
    }
  }

  Result<std::size_t> match(JsonFields& fields) const {
    std::string first_key;
    std::string first_id;
    std::optional<std::size_t> found;
    for (const std::string_view key : {"id", "uuid", "key", "task_id"}) {
      const std::string id = read_id(fields, key);
      if (id.empty() || found) continue;
      if (first_id.empty()) {
        first_key = key;
        first_id = id;
      }
      if (const auto at = by_id_.find(id); at != by_id_.end()) found = at->second;
    }
    const auto row = fields.optional_int("row");
    const std::string text = fields.string_or("prompt", "");
    if (!fields.ok()) return std::unexpected(fields.finish(true).error());

    if (!found && first_id.empty() && row) {
      if (*row < 0 || static_cast<std::uint64_t>(*row) >= samples_.size()) {
        return fail(ErrorKind::bad_input,
                    fmt::format("row: {} is not in the dataset, whose rows are 0 to {}", *row,
                                samples_.size() - 1));
      }
      found = static_cast<std::size_t>(*row);
    }
    if (found) {
      // The right id with another question is an answer to something else.
      if (!text.empty() && samples_[*found].question.messages.size() == 1 &&
          trim(text) != prompt(*found)) {
        return fail(ErrorKind::bad_input,
                    fmt::format("prompt: is not the prompt of sample '{}'; these responses answer "
                                "another version of the dataset",
                                one_line(samples_[*found].id, 60)));
      }
      return *found;
    }
    if (!text.empty()) {
      if (const auto at = by_prompt_.find(trim(text)); at != by_prompt_.end()) {
        if (at->second != kAmbiguous) return at->second;
        return fail(ErrorKind::bad_input,
                    "prompt: several samples have this prompt; name the sample by id");
      }
    }
    if (!first_id.empty()) return std::unexpected(unknown_id(first_key, first_id));
    if (!text.empty()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("prompt: no sample has the prompt '{}'", one_line(text, 60)));
    }
    return fail(ErrorKind::bad_input,
                "names no sample; expected one of id, uuid, key, task_id, row, prompt");
  }

 private:
  static constexpr std::size_t kAmbiguous = static_cast<std::size_t>(-1);

  std::string_view prompt(std::size_t i) const {
    return trim(samples_[i].question.messages.back().content);
  }
  Error unknown_id(std::string_view key, std::string_view id) const {
    std::vector<std::string> ids;
    for (const Sample& sample : samples_) ids.push_back(sample.id);
    return {ErrorKind::bad_input, fmt::format("{}: the dataset has no sample '{}'{}", key,
                                              one_line(id, 60), did_you_mean(id, ids))};
  }

  const std::vector<Sample>& samples_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::unordered_map<std::string_view, std::size_t> by_prompt_;
};

// Token counts by whichever vendor's names; a count that is no number is unknown.
Usage read_usage(const bj::object& usage) {
  const auto count = [](const bj::object* object,
                        std::string_view key) -> std::optional<std::int64_t> {
    const bj::value* value =
        object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    const std::int64_t tokens = value->get_int64();
    if (tokens < 0 || tokens > kMaxTokens) return std::nullopt;
    return tokens;
  };
  const auto part = [&](std::string_view key) -> const bj::object* {
    const bj::value* value = usage.if_contains({key.data(), key.size()});
    return value == nullptr ? nullptr : value->if_object();
  };
  const auto either = [](std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a ? a : b;
  };
  const auto reasoning =
      either(count(&usage, "reasoning_tokens"),
             either(count(part("output_tokens_details"), "reasoning_tokens"),
                    count(part("completion_tokens_details"), "reasoning_tokens")));
  if (usage.contains("cache_read_input_tokens") || usage.contains("cache_creation_input_tokens")) {
    return usage_of(AnthropicCounts{
        .input = count(&usage, "input_tokens"),
        .output = count(&usage, "output_tokens"),
        .cache_read = count(&usage, "cache_read_input_tokens"),
        .cache_written = count(&usage, "cache_creation_input_tokens"),
        .cache_written_1h = count(part("cache_creation"), "ephemeral_1h_input_tokens"),
        .thinking = either(count(part("output_tokens_details"), "thinking_tokens"), reasoning)});
  }
  const auto of_input = [&](std::string_view key) {
    return either(count(&usage, key), either(count(part("input_tokens_details"), key),
                                             count(part("prompt_tokens_details"), key)));
  };
  return usage_of(OpenAiCounts{
      .input = either(count(&usage, "input_tokens"), count(&usage, "prompt_tokens")),
      .output = either(count(&usage, "output_tokens"), count(&usage, "completion_tokens")),
      .total = count(&usage, "total_tokens"),
      .reasoning = reasoning,
      .cached = of_input("cached_tokens"),
      .cache_written = of_input("cache_write_tokens")});
}

// The texts of the parts of `array` that have the type `wanted`.
void append_parts(const bj::value* array, std::string_view wanted, std::string& out) {
  if (array == nullptr || !array->is_array()) return;
  for (const bj::value& part : array->get_array()) {
    const bj::object* object = part.if_object();
    if (object == nullptr) continue;
    const bj::value* type = object->if_contains("type");
    const bj::value* text = object->if_contains("text");
    if (type == nullptr || !type->is_string() || text == nullptr || !text->is_string()) continue;
    if (std::string_view(type->get_string()) == wanted) out += std::string_view(text->get_string());
  }
}

// A Responses API payload: the text of its messages, its reasoning, why it ended, what it cost.
Result<void> read_payload(const bj::value& value, Response& response) {
  JsonFields fields(value, "response");
  response.model = fields.string_or("model", "");
  const std::string status = fields.string_or("status", "");
  if (const bj::object* usage = fields.optional_object("usage"))
    response.usage = read_usage(*usage);
  const bj::object* incomplete = fields.optional_object("incomplete_details");
  const bj::array* output = fields.optional_array("output");
  if (output == nullptr) fields.reject("output", "missing");
  IIE_CHECK_OK(fields.finish(true));
  if (status == "completed") response.finish = FinishReason::stop;
  if (incomplete != nullptr) {
    const bj::value* reason = incomplete->if_contains("reason");
    const std::string_view why =
        reason != nullptr && reason->is_string() ? std::string_view(reason->get_string()) : "";
    response.finish = why == "max_output_tokens" ? FinishReason::length
                      : why == "content_filter"  ? FinishReason::content_filter
                                                 : FinishReason::other;
  }
  for (const bj::value& item : *output) {
    const bj::object* object = item.if_object();
    if (object == nullptr) continue;
    append_parts(object->if_contains("content"), "output_text", response.text);
    append_parts(object->if_contains("content"), "reasoning_text", response.reasoning);
    append_parts(object->if_contains("summary"), "summary_text", response.reasoning);
  }
  return {};
}

// What a record says, before rollouts without an index get theirs.
struct Record {
  Place place;
  std::size_t sample = 0;
  std::optional<int> rollout;
  Response response;
};

// nullopt: answers no sample, and `skip_unmatched`.
Result<std::optional<Record>> read_record(const bj::value& row, const Matcher& matcher,
                                          bool skip_unmatched) {
  Record record;
  JsonFields fields(row, "");
  if (!row.is_object()) return std::unexpected(fields.finish(true).error());
  auto matched = matcher.match(fields);
  if (!matched && skip_unmatched) return std::nullopt;
  if (!matched) return std::unexpected(std::move(matched).error());
  record.sample = *matched;

  Response& response = record.response;
  const bj::value* given = fields.optional_value("response");
  const bj::value* generated = fields.optional_value("generated_response");
  if (given != nullptr && given->is_object()) IIE_CHECK_OK(read_payload(*given, response));
  if (generated != nullptr && generated->is_string()) {
    response.text = std::string_view(generated->get_string());
  } else if (given != nullptr && given->is_string()) {
    response.text = std::string_view(given->get_string());
  } else if (given == nullptr || !given->is_object()) {
    fields.reject("response", given == nullptr ? std::string("missing")
                                               : fmt::format("expected a string, got {}",
                                                             json_type_name(*given)));
  }
  if (const std::string thought = fields.string_or("reasoning", ""); !thought.empty()) {
    response.reasoning = thought;
  }
  if (const std::string model = fields.string_or("model", ""); !model.empty()) {
    response.model = model;
  }
  if (const std::string finish = fields.string_or("finish_reason", ""); !finish.empty()) {
    response.finish = finish_reason_from(finish);
  }
  if (const bj::object* usage = fields.optional_object("usage"))
    response.usage = read_usage(*usage);
  for (const std::string_view key : {"rollout", "_ng_rollout_index"}) {
    const auto rollout = fields.optional_int(key);
    if (!rollout) continue;
    if (*rollout < 0 || *rollout > kMaxRollout) {
      fields.reject(key, fmt::format("expected 0 to {}, got {}", kMaxRollout, *rollout));
    }
    record.rollout = static_cast<int>(*rollout);
    break;
  }
  IIE_CHECK_OK(fields.finish(true));
  split_reasoning(response);
  return record;
}

// How many unnumbered responses most samples have; the smaller number where two are as frequent.
std::size_t usual_count(const std::map<std::size_t, std::vector<const Record*>>& by_sample) {
  std::map<std::size_t, std::size_t> samples_with;
  for (const auto& entry : by_sample) ++samples_with[entry.second.size()];
  const auto most =
      std::ranges::max_element(samples_with, {}, [](const auto& entry) { return entry.second; });
  return most == samples_with.end() ? 0 : most->first;
}

// A response that stands twice would otherwise be a rollout which all other samples lack.
Result<void> refuse_duplicates(const std::vector<Record>& records, const Dataset& dataset) {
  std::map<std::size_t, std::vector<const Record*>> by_sample;
  for (const Record& record : records) {
    if (!record.rollout) by_sample[record.sample].push_back(&record);
  }
  const std::size_t usual = usual_count(by_sample);
  for (const auto& [sample, found] : by_sample) {
    if (found.size() <= usual) continue;
    return fail(ErrorKind::bad_input,
                fmt::format("{}: sample '{}' has a response on {} already, and most samples have "
                            "{}; remove one, or number all with \"rollout\"",
                            found[usual]->place.full(), one_line(dataset.samples[sample].id, 60),
                            found[usual - 1]->place.in_file(), usual));
  }
  return {};
}

// Gives every record its rollout; the key of the result is (sample, rollout).
Result<std::map<std::pair<std::size_t, int>, Record>> number_rollouts(std::vector<Record> records,
                                                                      const Dataset& dataset,
                                                                      bool uneven) {
  if (!uneven) IIE_CHECK_OK(refuse_duplicates(records, dataset));
  std::map<std::pair<std::size_t, int>, Record> numbered;
  for (Record& record : records) {
    if (!record.rollout) continue;
    const std::pair key(record.sample, *record.rollout);
    if (const auto before = numbered.find(key); before != numbered.end()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: rollout {} of sample '{}' is on {} already; number the rollouts",
                              record.place.full(), *record.rollout,
                              one_line(dataset.samples[record.sample].id, 60),
                              before->second.place.in_file()));
    }
    numbered.emplace(key, std::move(record));
  }
  std::vector<int> lowest_free(dataset.samples.size(), 0);
  for (Record& record : records) {
    if (record.rollout) continue;
    int& free = lowest_free[record.sample];
    while (numbered.contains({record.sample, free})) ++free;
    record.rollout = free;
    numbered.emplace(std::pair(record.sample, free++), std::move(record));
  }
  return numbered;
}

std::string record_hash(const RecordedResponse& record) {
  bj::array usage;
  for (const auto& count :
       {record.response.usage.input_tokens, record.response.usage.output_tokens,
        record.response.usage.reasoning_tokens, record.response.usage.cached_tokens}) {
    usage.push_back(count ? bj::value(*count) : bj::value(nullptr));
  }
  // The hash of responses that have none stays what it was before these were read.
  const auto& written = record.response.usage.cache_write_tokens;
  const auto& longer = record.response.usage.cache_write_long_tokens;
  if (written || longer) {
    for (const auto& count : {written, longer}) {
      usage.push_back(count ? bj::value(*count) : bj::value(nullptr));
    }
  }
  const bj::array content = {record.sample_id,      record.rollout,
                             record.response.text,  record.response.reasoning,
                             record.response.model, to_string(record.response.finish).data(),
                             std::move(usage)};
  return sha256_hex(to_json(content));
}

// Keeps the chosen model's records. Before rollouts are numbered: models do not share them.
Result<void> choose_model(std::vector<Record>& records, const std::string& model,
                          std::string_view name) {
  std::set<std::string> seen;
  for (const Record& record : records) {
    if (!record.response.model.empty()) seen.insert(record.response.model);
  }
  const std::vector<std::string> models(seen.begin(), seen.end());
  if (model.empty()) {
    if (models.size() <= 1) return {};
    return fail(ErrorKind::bad_input,
                fmt::format("{}: holds responses of {} models; choose one with --model: {}", name,
                            models.size(), one_line(join(models, ", "), 300)));
  }
  if (!seen.contains(model)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: holds no response of '{}'{}", name, one_line(model, 80),
                            did_you_mean(model, models)));
  }
  std::erase_if(records, [&](const Record& record) { return record.response.model != model; });
  return {};
}

Result<RecordedResponses> read(Input& input, const Dataset& dataset,
                               const ResponsesOptions& options) {
  if (input.first() == '\0') {
    return fail(ErrorKind::bad_input, fmt::format("{}: holds no responses", input.name()));
  }
  if (input.first() != '{' && input.first() != '[') {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: is not JSON; recorded responses are JSON lines such as "
                            "{{\"id\": \"...\", \"response\": \"...\"}}",
                            input.name()));
  }
  const Matcher matcher(dataset);
  std::vector<Record> records;
  IIE_TRY(JsonRows rows, JsonRows::of(input));
  while (true) {
    IIE_TRY(const bj::value* row, rows.next());
    if (row == nullptr) break;
    auto read = read_record(*row, matcher, options.skip_unmatched);
    if (!read) return std::unexpected(at_place(rows.place(), std::move(read).error()));
    if (!*read) continue;
    Record& record = records.emplace_back(**std::move(read));
    record.place = rows.place();
    record.response.mended_utf8 = rows.mended();
  }
  if (records.empty()) {
    return fail(ErrorKind::bad_input, fmt::format("{}: holds no responses", input.name()));
  }
  IIE_CHECK_OK(choose_model(records, options.model, input.name()));
  IIE_TRY(auto numbered, number_rollouts(std::move(records), dataset, options.uneven));

  RecordedResponses out;
  out.name = file_name(input.name());
  std::set<std::string> models;
  for (auto& [key, record] : numbered) {
    if (!record.response.model.empty()) models.insert(record.response.model);
    out.rollouts = std::max(out.rollouts, key.second + 1);
    out.records.push_back(
        {key.first, dataset.samples[key.first].id, key.second, std::move(record.response)});
  }
  out.models.assign(models.begin(), models.end());
  out.hash = responses_hash(out.records);
  return out;
}

}  // namespace

std::string responses_hash(const std::vector<RecordedResponse>& records) {
  std::vector<std::string> hashes;
  hashes.reserve(records.size());
  for (const RecordedResponse& record : records) hashes.push_back(record_hash(record));
  std::ranges::sort(hashes);
  return sha256_hex(join(hashes, "\n"));
}

Result<RecordedResponses> load_responses(const std::filesystem::path& file, const Dataset& dataset,
                                         const ResponsesOptions& options) {
  IIE_TRY(Input input, Input::open(file));
  return read(input, dataset, options);
}

Result<RecordedResponses> parse_responses(std::string_view bytes, std::string_view name,
                                          const Dataset& dataset, const ResponsesOptions& options) {
  IIE_TRY(Input input, Input::over(bytes, name));
  return read(input, dataset, options);
}

}  // namespace iie
