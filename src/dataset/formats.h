// One row of each format becomes one sample. Internal to this room; reader.h is its door.
//
// Messages are about the row ("rubric[2].criteria: missing"); the caller puts file and line before.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "core/sample.h"
#include "dataset/input.h"

namespace iie {

using RowReader = Result<Sample> (*)(const boost::json::value& row);

// Dataset::format and who reads such rows.
struct RowFormat {
  std::string_view name;
  RowReader read = nullptr;
  // Rows have no id of their own (SampleList::add_derived).
  bool derives_ids = false;
};

extern const RowFormat kNativeFormat;
extern const RowFormat kOfficialFormat;
extern const RowFormat kRubricFormat;
extern const RowFormat kLlmJudgeFormat;
extern const RowFormat kIfevalFormat;

// The format whose fields the row has, or bad_input with the fields it saw and the formats there
// are.
Result<RowFormat> recognise(const boost::json::value& row);
// The same failure for fields or columns that are no format's.
Error unrecognised(const std::vector<std::string>& fields);

// The official set's six columns.
struct OfficialRow {
  std::string type;
  std::string prompt;
  std::string reference;
  std::string language;
  std::string judge_template;
  std::string judge_system;
};
Result<Sample> official_sample(const OfficialRow& row);
inline constexpr std::string_view kOfficialColumns[] = {
    "instruction_types",  "prompt", "response_reference", "language", "judge_prompt_template",
    "judge_system_prompt"};

// Collects samples and refuses a second one with the same id.
class SampleList {
 public:
  Result<void> add(Sample sample, const Place& place);
  // For ids made from the row's content: an identical row is asked again, as the published counts
  // have it, under the id with "-2" behind it, and a warning names both.
  Result<void> add_derived(Sample sample, const Place& place);
  // bad_input when there is none.
  Result<Dataset> finish(std::string_view name, std::string_view format);

 private:
  std::vector<Sample> samples_;
  std::vector<std::string> order_;  // Dataset::places
  std::unordered_map<std::string, Place> places_;
};

// Adds every row of `input`. A format without reader is recognised by the first row and set.
Result<void> append_rows(Input& input, RowFormat& format, SampleList& samples);

// Dataset::name for a path or a name: its last part.
std::string file_name(std::string_view path);

// A template's slots are {lower_case_words}; other braces are text. bad_input for a slot outside
// `allowed` or when one of `required` is missing.
Result<void> check_slots(std::string_view text, std::initializer_list<std::string_view> allowed,
                         std::initializer_list<std::string_view> required);

// Chinese when more than 30 % of the letters are Chinese characters.
Language guess_sample_language(std::string_view text);

// The text of an id that may be a number: empty when absent. Says whether it was one in `numeric`.
std::string read_id(JsonFields& fields, std::string_view key, bool* numeric = nullptr);

// Messages in the shape of the Responses API: a string, or [{role, content}] whose content is a
// string or [{type: "input_text", text}].
Result<std::vector<Message>> read_messages(const boost::json::value& input, std::string_view where);

}  // namespace iie
