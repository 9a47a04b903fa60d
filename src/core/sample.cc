#include "core/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/string_util.h"
#include "core/names.h"
#include "core/sample_json.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kSchema = 1;

constexpr NameTable<Role, 3> kRoles = {
    {{Role::system, "system"}, {Role::user, "user"}, {Role::assistant, "assistant"}}};
constexpr NameTable<CriterionKind, 2> kCriterionKinds = {
    {{CriterionKind::inversion, "inversion"}, {CriterionKind::task, "task"}}};
constexpr NameTable<GoldKind, 3> kGoldKinds = {{{GoldKind::compliant, "compliant"},
                                                {GoldKind::inertial, "inertial"},
                                                {GoldKind::conventional, "conventional"}}};
constexpr NameTable<VerdictFormat, 4> kFormats = {
    {{VerdictFormat::answer_score, "answer_score"},
     {VerdictFormat::pass_fail, "pass_fail"},
     {VerdictFormat::yes_no, "yes_no"},
     {VerdictFormat::criteria_list, "criteria_list"}}};
constexpr NameTable<Aggregation, 5> kAggregations = {{{Aggregation::all, "all"},
                                                      {Aggregation::any, "any"},
                                                      {Aggregation::mean, "mean"},
                                                      {Aggregation::min, "min"},
                                                      {Aggregation::max, "max"}}};

// Reads the enumerator that a string field names, or rejects the field listing the names.
template <typename Enum, std::size_t N>
Enum read_name(JsonFields& fields, std::string_view key, const NameTable<Enum, N>& table,
               std::optional<Enum> fallback) {
  const std::string name = fallback && !fields.has(key) ? std::string(name_of(table, *fallback))
                                                        : fields.required_string(key);
  if (const auto value = value_of(table, name)) return *value;
  if (fields.ok()) {
    std::vector<std::string> known;
    for (const auto& [entry, text] : table) known.emplace_back(text);
    fields.reject(key, fmt::format("unknown value '{}'{} (one of: {})", one_line(name, 40),
                                   did_you_mean(name, known), join(known, ", ")));
  }
  return table.front().first;
}

// Rules and checkers keep their parameters as JSON of their own.
std::string_view embedded_json(std::string_view text) { return text.empty() ? "{}" : text; }

void write_messages(JsonWriter& out, const std::vector<Message>& messages) {
  out.begin_array();
  for (const Message& message : messages) {
    out.begin_object();
    out.field("role", to_string(message.role));
    out.field("content", message.content);
    out.end_object();
  }
  out.end_array();
}

void write_rubric(JsonWriter& out, const std::vector<Criterion>& rubric) {
  out.begin_array();
  for (const Criterion& criterion : rubric) {
    out.begin_object();
    out.field("id", criterion.id);
    out.field("kind", to_string(criterion.kind));
    out.field("text", criterion.text);
    if (!criterion.expected) {
      out.key("expected");
      out.boolean(false);
    }
    out.end_object();
  }
  out.end_array();
}

void write_checks(JsonWriter& out, const std::vector<Check>& checks) {
  out.begin_array();
  for (const Check& check : checks) {
    out.begin_object();
    out.field("rule", check.rule);
    out.field("criterion", check.criterion);
    if (check.params != "{}") {
      out.key("params");
      out.raw(embedded_json(check.params));
    }
    out.end_object();
  }
  out.end_array();
}

// The fields that an item and its twin have in common.
void write_question(JsonWriter& out, const Question& question) {
  out.key("messages");
  write_messages(out, question.messages);
  out.field_if_any("reference", question.reference);
  if (!question.rubric.empty()) {
    out.key("rubric");
    write_rubric(out, question.rubric);
  }
  if (!question.checks.empty()) {
    out.key("checks");
    write_checks(out, question.checks);
  }
  if (question.complete) {
    out.key("complete");
    out.boolean(true);
  }
  if (question.gold.empty()) return;
  out.key("gold");
  out.begin_array();
  for (const Gold& entry : question.gold) {
    out.begin_object();
    out.field("kind", to_string(entry.kind));
    out.field("response", entry.response);
    out.end_object();
  }
  out.end_array();
}

// Calls `read(fields, where)` for each object of the array at `key`; its first error is the
// field's own.
template <typename Read>
Result<void> for_each_object(JsonFields& fields, std::string_view key, const std::string& prefix,
                             const Read& read) {
  const bj::array* array = fields.optional_array(key);
  if (array == nullptr) return {};
  std::size_t index = 0;
  for (const bj::value& element : *array) {
    JsonFields one(element, fmt::format("{}{}[{}]", prefix, key, index++));
    read(one);
    IIE_CHECK_OK(one.finish());
  }
  return {};
}

Result<void> read_question(JsonFields& fields, const std::string& prefix, Question& question) {
  IIE_CHECK_OK(for_each_object(fields, "messages", prefix, [&](JsonFields& one) {
    Message message;
    message.role = read_name<Role>(one, "role", kRoles, std::nullopt);
    message.content = one.required_string("content");
    question.messages.push_back(std::move(message));
  }));
  question.reference = fields.string_or("reference", "");
  IIE_CHECK_OK(for_each_object(fields, "rubric", prefix, [&](JsonFields& one) {
    Criterion criterion;
    criterion.id = one.required_string("id");
    criterion.kind = read_name<CriterionKind>(one, "kind", kCriterionKinds, std::nullopt);
    criterion.text = one.required_string("text");
    criterion.expected = one.bool_or("expected", true);
    if (std::ranges::find(question.rubric, criterion.id, &Criterion::id) != question.rubric.end()) {
      one.reject("id", fmt::format("'{}' is used twice", one_line(criterion.id, 40)));
    }
    question.rubric.push_back(std::move(criterion));
  }));
  IIE_CHECK_OK(for_each_object(fields, "checks", prefix, [&](JsonFields& one) {
    Check check;
    check.rule = one.required_string("rule");
    check.criterion = one.required_string("criterion");
    const bj::object* params = one.optional_object("params");
    check.params = params == nullptr ? "{}" : to_canonical_json(*params);
    if (one.ok() && std::ranges::find(question.rubric, check.criterion, &Criterion::id) ==
                        question.rubric.end()) {
      std::vector<std::string> ids;
      for (const Criterion& criterion : question.rubric) ids.push_back(criterion.id);
      one.reject("criterion",
                 fmt::format("the rubric has no criterion '{}'{}", one_line(check.criterion, 40),
                             did_you_mean(check.criterion, ids)));
    }
    question.checks.push_back(std::move(check));
  }));
  question.complete = fields.bool_or("complete", false);
  IIE_CHECK_OK(for_each_object(fields, "gold", prefix, [&](JsonFields& one) {
    Gold gold;
    gold.kind = read_name<GoldKind>(one, "kind", kGoldKinds, std::nullopt);
    gold.response = one.required_string("response");
    question.gold.push_back(std::move(gold));
  }));

  if (fields.ok() && question.messages.empty()) fields.reject("messages", "missing or empty");
  if (fields.ok() && question.messages.back().role != Role::user) {
    fields.reject("messages", "the last message must be the user's");
  }
  if (fields.ok() && question.complete) {
    for (const Criterion& criterion : question.rubric) {
      if (std::ranges::find(question.checks, criterion.id, &Check::criterion) ==
          question.checks.end()) {
        fields.reject("complete", fmt::format("is true, but no check decides criterion '{}'",
                                              one_line(criterion.id, 40)));
      }
    }
    if (question.checks.empty()) fields.reject("complete", "is true, but there are no checks");
  }
  return {};
}

// As the number that the id is, where the dataset wrote it as one.
void write_id(JsonWriter& out, const Sample& sample) {
  out.key("id");
  if (sample.numeric_id) {
    const char* const end = sample.id.data() + sample.id.size();
    std::int64_t number = 0;
    const auto read = std::from_chars(sample.id.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end) return out.number(number);
    std::uint64_t large = 0;
    const auto again = std::from_chars(sample.id.data(), end, large);
    if (again.ec == std::errc() && again.ptr == end) return out.number(large);
  }
  out.string(sample.id);
}

void read_sample_id(JsonFields& fields, Sample& sample) {
  const bj::value* id = fields.optional_value("id");
  if (id != nullptr && (id->is_int64() || id->is_uint64())) {
    sample.id = to_json(*id);
    sample.numeric_id = true;
  } else {
    sample.id = fields.required_string("id");
  }
}

}  // namespace

std::string instruction_criterion(std::size_t index, const Instruction& instruction) {
  return fmt::format("{}:{}", index + 1, instruction.id);
}

std::string_view to_string(Role role) { return name_of(kRoles, role); }
std::optional<Role> role_from(std::string_view name) { return value_of(kRoles, name); }
std::string_view to_string(CriterionKind kind) { return name_of(kCriterionKinds, kind); }
std::string_view to_string(GoldKind kind) { return name_of(kGoldKinds, kind); }
std::string_view to_string(VerdictFormat format) { return name_of(kFormats, format); }
std::optional<VerdictFormat> verdict_format_from(std::string_view name) {
  return value_of(kFormats, name);
}
std::string_view to_string(Aggregation aggregation) { return name_of(kAggregations, aggregation); }
std::optional<Aggregation> aggregation_from(std::string_view name) {
  return value_of(kAggregations, name);
}

std::string sample_to_json(const Sample& sample) {
  JsonWriter out(1024);
  out.begin_object();
  out.key("schema");
  out.number(kSchema);
  write_id(out, sample);
  out.field_if_any("pair", sample.pair);
  out.field_if_any("type", sample.type);
  out.field_if_any("domain", sample.domain);
  if (sample.language) out.field("language", to_string(*sample.language));
  write_question(out, sample.question);
  if (sample.twin) {
    out.key("twin");
    out.begin_object();
    write_question(out, *sample.twin);
    out.end_object();
  }
  if (sample.judge_prompt) {
    out.key("judge_prompt");
    out.begin_object();
    out.field("system", sample.judge_prompt->system);
    out.field("user_template", sample.judge_prompt->user_template);
    out.field("format", to_string(sample.judge_prompt->format));
    out.end_object();
  }
  if (sample.aggregation != Aggregation::all) {
    out.field("aggregation", to_string(sample.aggregation));
  }
  if (!sample.instructions.empty()) {
    out.key("instructions");
    out.begin_array();
    for (const Instruction& instruction : sample.instructions) {
      out.begin_object();
      out.field("id", instruction.id);
      out.key("kwargs");
      out.raw(embedded_json(instruction.kwargs));
      out.end_object();
    }
    out.end_array();
  }
  out.field_if_any("author", sample.author);
  out.field_if_any("reviewed", sample.reviewed);
  out.field_if_any("source", sample.source);
  out.field_if_any("license", sample.license);
  out.field_if_any("notes", sample.notes);
  out.end_object();
  return out.take();
}

Result<Sample> sample_from_json(std::string_view json) {
  IIE_TRY(const bj::value document, parse_json(json));
  return sample_from_json(document);
}

Result<Sample> sample_from_json(const bj::value& document) {
  JsonFields fields(document, "");
  Sample sample;
  if (const auto schema = fields.optional_int("schema"); schema && *schema != kSchema) {
    fields.reject("schema", fmt::format("this version reads schema {}, not {}", kSchema, *schema));
  }
  read_sample_id(fields, sample);
  if (fields.ok() && trim(sample.id).empty()) fields.reject("id", "is empty");
  sample.pair = fields.string_or("pair", "");
  if (const std::string type = fields.string_or("type", ""); !type.empty()) {
    if (auto code = parse_instruction_type(type)) {
      sample.type = *std::move(code);
    } else {
      fields.reject("type", code.error().message);
    }
  }
  // Foreign formats keep their own domains, so any text is a domain here; see parse_domain.
  sample.domain = fields.string_or("domain", "");
  if (const std::string name = fields.string_or("language", ""); !name.empty()) {
    if (const auto language = parse_language(name)) {
      sample.language = *language;
    } else {
      fields.reject("language", language.error().message);
    }
  }
  IIE_CHECK_OK(read_question(fields, "", sample.question));
  if (const bj::value* twin = fields.optional_value("twin"); twin != nullptr && !twin->is_null()) {
    JsonFields twin_fields(*twin, "twin");
    sample.twin.emplace();
    IIE_CHECK_OK(read_question(twin_fields, "twin.", *sample.twin));
    IIE_CHECK_OK(twin_fields.finish());
  }
  if (const bj::value* prompt = fields.optional_value("judge_prompt");
      prompt != nullptr && !prompt->is_null()) {
    JsonFields one(*prompt, "judge_prompt");
    sample.judge_prompt.emplace();
    sample.judge_prompt->system = one.string_or("system", "");
    sample.judge_prompt->user_template = one.required_string("user_template");
    sample.judge_prompt->format =
        read_name<VerdictFormat>(one, "format", kFormats, VerdictFormat::answer_score);
    IIE_CHECK_OK(one.finish());
  }
  sample.aggregation =
      read_name<Aggregation>(fields, "aggregation", kAggregations, Aggregation::all);
  IIE_CHECK_OK(for_each_object(fields, "instructions", "", [&](JsonFields& one) {
    Instruction instruction;
    instruction.id = one.required_string("id");
    const bj::object* kwargs = one.optional_object("kwargs");
    instruction.kwargs = kwargs == nullptr ? "{}" : to_canonical_json(*kwargs);
    sample.instructions.push_back(std::move(instruction));
  }));
  sample.author = fields.string_or("author", "");
  sample.reviewed = fields.string_or("reviewed", "");
  sample.source = fields.string_or("source", "");
  sample.license = fields.string_or("license", "");
  sample.notes = fields.string_or("notes", "");
  IIE_CHECK_OK(fields.finish());
  return sample;
}

std::string sample_hash(const Sample& sample) { return sha256_hex(sample_to_json(sample)); }

std::string dataset_hash(const std::vector<Sample>& samples) {
  Sha256 hash;
  for (const Sample& sample : samples) {
    hash.update(sample_to_json(sample));
    hash.update("\n");
  }
  return hash.hex();
}

}  // namespace iie
