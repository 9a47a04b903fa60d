// One question of a dataset, whatever file format it came from. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/instruction_type.h"

namespace iie {

enum class Role { system, user, assistant };
std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view name);

struct Message {
  Role role = Role::user;
  std::string content;

  bool operator==(const Message&) const = default;
};

// What a criterion is about: the counter-intuitive demand, or doing what was asked at all.
// Separating them separates inertia from incapacity.
enum class CriterionKind { inversion, task };
std::string_view to_string(CriterionKind kind);

// One statement that is true or false of a response.
struct Criterion {
  std::string id;  // unique within the sample
  CriterionKind kind = CriterionKind::inversion;
  std::string text;
  // The answer that counts as met: false for criteria that must NOT hold (`pass_criteria: "NO"`).
  bool expected = true;

  bool operator==(const Criterion&) const = default;
};

// One deterministic check and the criterion that it decides. The rules room knows the rules and
// their parameters (doc/data-format.md lists them).
struct Check {
  std::string rule;       // "no_comments"
  std::string criterion;  // a Criterion's id
  std::string params;     // a JSON object, canonical; "{}" for none

  bool operator==(const Check&) const = default;
};

enum class GoldKind { compliant, inertial, conventional };
std::string_view to_string(GoldKind kind);

// A written response whose verdict is known: compliant passes, inertial fails the way a trained
// habit would, conventional is what a twin's question wants.
struct Gold {
  GoldKind kind = GoldKind::compliant;
  std::string response;

  bool operator==(const Gold&) const = default;
};

// What a response is judged against: shared by a sample and its conventional twin.
struct Question {
  std::vector<Message> messages;  // at least one; the last is the user's
  std::string reference;          // what a passing answer does, in words
  std::vector<Criterion> rubric;
  std::vector<Check> checks;
  // The checks decide every criterion: no judge is needed.
  bool complete = false;
  std::vector<Gold> gold;

  bool operator==(const Question&) const = default;
};

// How a judge's reply states its verdict. Names are stored: append only.
enum class VerdictFormat {
  answer_score,  // {"answer_score": 0|1}, one call for the whole response
  pass_fail,     // {"result": "PASS"|"FAIL"}, one call per criterion
  yes_no,        // YES or NO, one call per criterion, compared with Criterion::expected
  // {"criteria": [{"id", "met", "evidence"}]}: all criteria in one call, each compared with
  // Criterion::expected
  criteria_list,
};
std::string_view to_string(VerdictFormat format);
std::optional<VerdictFormat> verdict_format_from(std::string_view name);

// How criterion verdicts become one. A sample passes when the aggregate of its criteria, each 0 or
// 1, is 1 (mean and min are all for a 0/1 verdict; max is any; the mean is kept as a figure).
enum class Aggregation { all, any, mean, min, max };
std::string_view to_string(Aggregation aggregation);
std::optional<Aggregation> aggregation_from(std::string_view name);

// The judge prompt that a dataset brings with it.
struct JudgePrompt {
  std::string system;         // may be empty
  std::string user_template;  // with the slots of its format
  VerdictFormat format = VerdictFormat::answer_score;

  bool operator==(const JudgePrompt&) const = default;
};

// One of IFEval's or IFBench's verifiable instructions.
struct Instruction {
  std::string id;      // "punctuation:no_comma"
  std::string kwargs;  // a JSON object, canonical

  bool operator==(const Instruction&) const = default;
};

struct Sample {
  std::string id;  // unique within the dataset
  // The dataset states the id as a JSON number ("key": 1000): so do files that name it again.
  bool numeric_id = false;
  std::string pair;  // shared by the English and Chinese forms of one question; may be empty
  std::string type;  // InstructionType::code; empty where the format has none
  std::string domain;
  std::optional<Language> language;
  Question question;
  // The matched conventional question: the same task without the inversion.
  std::optional<Question> twin;
  std::optional<JudgePrompt> judge_prompt;
  Aggregation aggregation = Aggregation::all;
  std::vector<Instruction> instructions;
  // Provenance, as the dataset states it; may be empty.
  std::string author;
  std::string reviewed;
  std::string source;
  std::string license;
  std::string notes;

  bool operator==(const Sample&) const = default;
};

// What the verdict on an instruction of a sample is called among its criteria: its number, from 1,
// and its id, "2:punctuation:no_comma". One prompt may give the same instruction twice.
std::string instruction_criterion(std::size_t index, const Instruction& instruction);

// A dataset as loaded. The hash covers every sample's content and order and nothing else, so the
// same questions have the same hash whatever file they came from.
struct Dataset {
  std::string name;    // "open", "official", or the file's name
  std::string format;  // "native", "official", "rubric", "llm_judge", "ifeval"
  std::string hash;    // dataset_hash(samples)
  std::vector<Sample> samples;
  // Where each sample stands ("data.jsonl:12"), in their order, for messages about its content that
  // are found later; empty where the samples were not read from a file.
  std::vector<std::string> places = {};
};

// The sample's one JSON form: a single line of native JSONL (doc/data-format.md). Reading it back
// gives an equal sample. Stored in runs.
std::string sample_to_json(const Sample& sample);
// Strict: unknown fields, types, languages, roles and dangling criterion names are bad_input, the
// message naming the field. Rules and their parameters are the rules room's to check.
Result<Sample> sample_from_json(std::string_view json);

// SHA-256 of sample_to_json, hexadecimal.
std::string sample_hash(const Sample& sample);
std::string dataset_hash(const std::vector<Sample>& samples);

}  // namespace iie
