#include "dataset/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/json.h"
#include "base/log.h"
#include "base/string_util.h"
#include "support/shared_files.h"

namespace iie {
namespace {

using testing::TempDir;

// One official row with `prompt`, as JSON.
std::string official_row(std::string_view prompt, std::string_view type = "Question Correction",
                         std::string_view language = "english",
                         std::string_view judge_template = "{response_reference}|{response}") {
  std::string row = R"({"instruction_types":)";
  append_json_string(row, type);
  row += R"(,"prompt":)";
  append_json_string(row, prompt);
  row += R"(,"response_reference":"ref","language":)";
  append_json_string(row, language);
  row += R"(,"judge_prompt_template":)";
  append_json_string(row, judge_template);
  row += R"(,"judge_system_prompt":"judge well"})";
  return row;
}

std::string error_of(const Result<Dataset>& result) {
  return result ? "no error" : result.error().message;
}

// Loading what native_jsonl wrote gives the same samples.
void expect_round_trip(const Dataset& dataset) {
  const auto again = parse_dataset(native_jsonl(dataset), "again.jsonl");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->format, "native");
  EXPECT_EQ(again->samples, dataset.samples);
  EXPECT_EQ(again->hash, dataset.hash);
}

TEST(Reader, ReadsOfficialJsonArray) {
  const auto set =
      parse_dataset("[\n" + official_row("What?") + ",\n" +
                        official_row("写诗", "code without comments", "Chinese") + "\n]",
                    "dir/official.json");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->name, "official.json");
  EXPECT_EQ(set->format, "official");
  ASSERT_EQ(set->samples.size(), 2u);
  const Sample& first = set->samples[0];
  EXPECT_EQ(first.type, "QC");
  EXPECT_EQ(first.language, Language::english);
  EXPECT_EQ(first.question.messages, (std::vector<Message>{{Role::user, "What?"}}));
  EXPECT_EQ(first.question.reference, "ref");
  ASSERT_TRUE(first.judge_prompt);
  EXPECT_EQ(first.judge_prompt->system, "judge well");
  EXPECT_EQ(first.judge_prompt->user_template, "{response_reference}|{response}");
  EXPECT_EQ(first.judge_prompt->format, VerdictFormat::answer_score);
  EXPECT_EQ(set->samples[1].type, "CC");
  EXPECT_EQ(set->samples[1].language, Language::chinese);
  expect_round_trip(*set);
}

// The id is stored in runs: this value may never change.
TEST(Reader, OfficialIdIsAHashOfTheContent) {
  const auto set = parse_dataset("[" + official_row("What?") + "]", "a.json");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->samples[0].id, "QC-en-e17402c43641");
  const auto other_judge =
      parse_dataset("[" + official_row("What?", "QC", "en", "another {response}") + "]", "b.json");
  ASSERT_TRUE(other_judge);
  EXPECT_EQ(other_judge->samples[0].id, set->samples[0].id);
  const auto other_prompt = parse_dataset("[" + official_row("What!") + "]", "c.json");
  ASSERT_TRUE(other_prompt);
  EXPECT_NE(other_prompt->samples[0].id, set->samples[0].id);
}

TEST(Reader, ReadsOfficialCsvInAnyColumnOrder) {
  const std::string csv =
      "\xEF\xBB\xBFlanguage,prompt,instruction_types,extra,judge_system_prompt,"
      "judge_prompt_template,response_reference\r\n"
      "english,\"What, \"\"now\"\"?\r\nSecond line\",Question Correction,,judge well,"
      "{response_reference}|{response},ref\r\n"
      "\r\n"
      "chinese,plain,CCF,x,s,{response},r";
  const auto set = parse_dataset(csv, "official.csv");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, "official");
  ASSERT_EQ(set->samples.size(), 2u);
  EXPECT_EQ(set->samples[0].question.messages[0].content, "What, \"now\"?\r\nSecond line");
  EXPECT_EQ(set->samples[1].type, "CCF");
  expect_round_trip(*set);
}

TEST(Reader, SameRowsHaveSameHashInJsonAndCsv) {
  const auto json = parse_dataset("[" + official_row("What?") + "]", "a.json");
  const auto lines = parse_dataset(official_row("What?"), "a.jsonl");
  const auto csv = parse_dataset(
      "instruction_types,prompt,response_reference,language,judge_prompt_template,"
      "judge_system_prompt\nQC,What?,ref,en,{response_reference}|{response},judge well\n",
      "a.csv");
  ASSERT_TRUE(json && lines && csv) << error_of(csv);
  EXPECT_EQ(json->hash, csv->hash);
  EXPECT_EQ(json->hash, lines->hash);
}

TEST(Reader, NamesLineAndColumnOfBrokenCsv) {
  const std::string header =
      "instruction_types,prompt,response_reference,language,judge_prompt_template,"
      "judge_system_prompt\n";
  EXPECT_EQ(error_of(parse_dataset(header + "QC,\"open\n", "a.csv")),
            "a.csv:2:4: this quoted field is never closed");
  EXPECT_EQ(error_of(parse_dataset(header + "QC,\"a\"b,r,en,{response},s\n", "a.csv")),
            "a.csv:2:7: text behind a closing quote; a quote inside a field is doubled");
  EXPECT_EQ(error_of(parse_dataset(header + "QC,a\"b,r,en,{response},s\n", "a.csv")),
            "a.csv:2:5: a quote inside an unquoted field; quote the whole field");
  EXPECT_EQ(error_of(parse_dataset(header + "\nQC,a,r,en\n", "a.csv")),
            "a.csv:3: 4 fields where the header names 6 columns");
  EXPECT_EQ(error_of(parse_dataset(header, "a.csv")), "a.csv: holds no samples");
  EXPECT_EQ(error_of(parse_dataset("instruction_types,promt,x\nQC,a,b\n", "a.csv")).substr(0, 74),
            "a.csv:1: the column 'prompt' is missing; did you mean 'promt'?; the offici");
}

TEST(Reader, RefusesUnknownTypeAndLanguageWithTheNearest) {
  EXPECT_EQ(error_of(parse_dataset("[" + official_row("a") + "," +
                                       official_row("b", "Qestion Correction") + "]",
                                   "a.json"))
                .substr(0, 105),
            "a.json: row 2: instruction_types: unknown instruction type 'Qestion Correction'; did "
            "you mean 'Question C");
  EXPECT_NE(error_of(parse_dataset(official_row("a", "QC", "englisch"), "a.jsonl"))
                .find("a.jsonl:1: language: unknown language 'englisch'; did you mean 'english'?"),
            std::string::npos);
}

// The official rows have no id that could be wrong: an identical row counts as the file counts it.
TEST(Reader, AsksAnIdenticalOfficialRowAgain) {
  const auto dataset = parse_dataset(
      "[" + official_row("a") + "," + official_row("b") + "," + official_row("a") + "]", "a.json");
  ASSERT_TRUE(dataset) << dataset.error().message;
  ASSERT_EQ(dataset->samples.size(), 3u);
  EXPECT_EQ(dataset->samples[2].id, dataset->samples[0].id + "-2");
}

TEST(Reader, RefusesTheSameIdTwiceNamingBoth) {
  const std::string row = R"({"schema":1,"id":"a","messages":[{"role":"user","content":"x"}]})";
  const std::string error = error_of(parse_dataset(row + "\n" + row + "\n", "a.jsonl"));
  EXPECT_TRUE(error.starts_with("a.jsonl:2: sample id 'a' is that of line 1 already")) << error;
}

TEST(Reader, ChecksTemplateSlots) {
  const auto read = [](std::string_view text) {
    return error_of(parse_dataset(official_row("a", "QC", "en", text), "a.jsonl"));
  };
  EXPECT_EQ(read("{prompt} {response_reference} {response}"), "no error");
  EXPECT_EQ(read("{\"answer_score\": 1} {} {X} {a b} {response"
                 "} {"),
            "no error");
  EXPECT_EQ(read("{respones}"),
            "a.jsonl:1: judge_prompt_template: unknown slot {respones}; did you mean 'response'? "
            "(the slots are {prompt}, {response_reference}, {response})");
  EXPECT_EQ(read("{prompt}"),
            "a.jsonl:1: judge_prompt_template: has no slot {response}; the judge would not see it");
  EXPECT_NE(read("").find("has no slot {response}"), std::string::npos);
}

TEST(Reader, NamesMistypedAndMissingFields) {
  EXPECT_EQ(error_of(parse_dataset(R"([{"instruction_types":"QC","prompt":7}])", "a.json")),
            "a.json: row 1: prompt: expected a string, got a number");
  EXPECT_EQ(error_of(parse_dataset(R"({"instruction_types":"QC","prompt":"a"})", "a.jsonl")),
            "a.jsonl:1: response_reference: missing");
}

TEST(Reader, NamesPositionOfBrokenJson) {
  EXPECT_EQ(
      error_of(parse_dataset("\n" + official_row("a") + "\n\n{\"prompt\": x}\n", "a.jsonl")),
      "a.jsonl:4:12: not valid JSON; expected one JSON object on each line, or one JSON array");
  EXPECT_EQ(error_of(parse_dataset("[\n  {\"prompt\": \"a\",}\n]", "a.json")),
            "a.json:2:18: not valid JSON");
  const std::string deep = "[" + std::string(200, '[');
  EXPECT_NE(error_of(parse_dataset(deep, "a.json")).find("nested too deeply"), std::string::npos);
  EXPECT_NE(error_of(parse_dataset("{\"schema\":1,\n\"id\":\"a\"}", "a.json")).find("a.json:1:"),
            std::string::npos);
}

TEST(Reader, EmptyFilesHoldNoSamples) {
  for (const std::string_view bytes : {"", "\n \n", "\xEF\xBB\xBF", "[]", "[\n]\n"}) {
    EXPECT_EQ(error_of(parse_dataset(bytes, "a")), "a: holds no samples") << bytes;
  }
}

TEST(Reader, SaysWhatItSawInAForeignFile) {
  const std::string error = error_of(parse_dataset(R"({"question":"a","answer":"b"})", "a.jsonl"));
  EXPECT_TRUE(error.starts_with(
      "a.jsonl:1: not a dataset format we know (fields: question, answer); known are official"))
      << error;
  EXPECT_NE(error_of(parse_dataset(R"({"id":"a","response":"b"})", "a.jsonl"))
                .find("these look like recorded responses"),
            std::string::npos);
  EXPECT_NE(error_of(parse_dataset("a,b,c\n1,2,3\n", "a.csv")).find("(fields: a, b, c)"),
            std::string::npos);
  EXPECT_NE(
      error_of(parse_dataset("He said \"hello\" to me", "a.txt")).find("not a dataset format"),
      std::string::npos);
  EXPECT_EQ(error_of(parse_dataset("[1]", "a.json")),
            "a.json: row 1: expected an object, got a number");
  EXPECT_EQ(error_of(parse_dataset("PAR1\x15\x04", "a.parquet")),
            "a.parquet: is a Parquet file; convert it to JSON lines");
  EXPECT_EQ(error_of(parse_dataset("\xFF\xFE{", "a.json")),
            "a.json: is UTF-16 text; save it as UTF-8");
}

TEST(Reader, KeepsInvalidUtf8) {
  set_log_level(LogLevel::off);
  const auto lines = parse_dataset(
      official_row("caf\xC3\xA9") + "\r\n" + R"({"schema":1,"id":"a)" + "\xFF" + R"("})",
      "a.jsonl");
  EXPECT_NE(error_of(lines).find("a.jsonl:2"), std::string::npos);
  const std::string native =
      "{\"schema\":1,\"id\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\xFFy\"}]}";
  for (const std::string& bytes : {native, "[" + native + "]"}) {
    const auto set = parse_dataset(bytes, "a.jsonl");
    ASSERT_TRUE(set) << error_of(set);
    EXPECT_EQ(set->samples[0].question.messages[0].content, "x\xEF\xBF\xBDy");
  }
  set_log_level(LogLevel::warn);
}

TEST(Reader, ReadsNativeStrictly) {
  const std::string line =
      R"({"schema":1,"id":"qc-1","type":"QC","language":"en","messages":[{"role":"system","content":"s"},)"
      R"({"role":"user","content":"u"}],"rubric":[{"id":"c1","kind":"inversion","text":"t"}],)"
      R"("checks":[{"rule":"no_comments","criterion":"c1","params":{"b":1,"a":2}}],"complete":true})";
  const auto set = parse_dataset("\xEF\xBB\xBF" + line + "\r\n\r\n", "a.jsonl");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, "native");
  EXPECT_EQ(set->samples[0].question.checks[0].params, R"({"a":2,"b":1})");
  expect_round_trip(*set);
  EXPECT_EQ(
      error_of(parse_dataset(line + "\n" + line, "a.jsonl")),
      "a.jsonl:2: sample id 'qc-1' is that of line 1 already; every sample needs an id of its "
      "own: remove or rename one");
  EXPECT_EQ(
      error_of(
          parse_dataset(
              R"({"schema":1,"id":"a","messages":[{"role":"user","content":"u"}],"lang":"en"})",
              "a.jsonl"))
          .substr(0, 30),
      "a.jsonl:1: lang: unknown field");
}

TEST(Reader, ReadsRubricRows) {
  const std::string row =
      R"({"task_id":12,"prompt":"p","rubric":[{"id":"C1","criteria":"one?"},{"id":2,"criteria":"two?"}],)"
      R"("reference_response":"r","judge_prompt_template":"{prompt}{model_response}{standard_response}{criteria}",)"
      R"("judge_system_prompt":"s","aggregation_mode":"mean",)"
      R"("responses_create_params":{"input":[{"role":"developer","content":"d"},)"
      R"({"role":"user","content":[{"type":"input_text","text":"两"},{"type":"input_text","text":"部分"}]}]},)"
      R"("metadata":{"domain":"Education","l1_taxonomy":"Deliberately Incorrect Answers"}})";
  const auto set = parse_dataset(row, "a.jsonl");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, "rubric");
  const Sample& sample = set->samples[0];
  EXPECT_EQ(sample.id, "12");
  EXPECT_EQ(sample.type, "DIA");
  EXPECT_EQ(sample.domain, "Education");
  EXPECT_EQ(sample.language, Language::chinese);
  EXPECT_EQ(sample.aggregation, Aggregation::mean);
  EXPECT_EQ(sample.question.messages,
            (std::vector<Message>{{Role::system, "d"}, {Role::user, "两部分"}}));
  ASSERT_EQ(sample.question.rubric.size(), 2u);
  EXPECT_EQ(sample.question.rubric[1].id, "2");
  EXPECT_EQ(sample.judge_prompt->format, VerdictFormat::pass_fail);
  expect_round_trip(*set);
}

TEST(Reader, RefusesBrokenRubricRows) {
  const auto read = [](std::string_view rubric, std::string_view more) {
    return error_of(parse_dataset("{\"uuid\":\"u\",\"prompt\":\"p\",\"rubric\":" +
                                      std::string(rubric) + std::string(more) + "}",
                                  "a.jsonl"));
  };
  const std::string good = R"([{"id":"C1","criteria":"x"}])";
  EXPECT_EQ(read(good, ""), "no error");
  EXPECT_EQ(read("[]", ""), "a.jsonl:1: rubric: expected at least one criterion");
  EXPECT_EQ(read(R"([{"id":"C1"}])", ""), "a.jsonl:1: rubric[0].criteria: missing");
  EXPECT_EQ(read(R"([{"id":"C1","criteria":"x"},{"id":"C1","criteria":"y"}])", ""),
            "a.jsonl:1: rubric[1].id: 'C1' is used twice");
  EXPECT_NE(
      read(good, R"(,"metadata":{"l1_taxonomy":"Question Corection"})")
          .find("metadata.l1_taxonomy: unknown instruction type 'Question Corection'; did you "
                "mean 'Question Correction'?"),
      std::string::npos);
  EXPECT_EQ(read(good, R"(,"metadata":{"l1_taxonomy":"Lexical Constraints"})"), "no error");
  EXPECT_EQ(read(good, R"(,"judge_prompt_template":"{response}{criteria}")"),
            "a.jsonl:1: judge_prompt_template: unknown slot {response} (the slots are {prompt}, "
            "{model_response}, {standard_response}, {criteria})");
  EXPECT_EQ(
      read(good, R"(,"responses_create_params":{"input":[{"role":"assistant","content":"x"}]})"),
      "a.jsonl:1: responses_create_params.input: the last message must be the user's");
  EXPECT_NE(
      read(
          good,
          R"(,"responses_create_params":{"input":[{"role":"user","content":[{"type":"input_image","image_url":"x"}]}]})")
          .find("input[0].content[0].type: expected a text part, got 'input_image'"),
      std::string::npos);
}

TEST(Reader, ReadsLlmJudgeRows) {
  const std::string row =
      R"({"id":65030,"uuid":"inverse-1","language":"en","license":"CC BY 4.0","instructions":[],)"
      R"("llm_judge":[{"uid":1,"content":"Is it?","pass_criteria":"YES","source":"system"},)"
      R"({"uid":2,"content":"Is it not?","pass_criteria":"NO"}],)"
      R"("responses_create_params":{"input":[{"role":"user","content":"a"},)"
      R"({"role":"assistant","content":"b"},{"role":"user","content":"c"}]},)"
      R"("messages":[{"role":"user","content":"a"}]})";
  const auto set = parse_dataset(row, "train.jsonl");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, "llm_judge");
  const Sample& sample = set->samples[0];
  EXPECT_EQ(sample.id, "inverse-1");
  EXPECT_EQ(sample.license, "CC BY 4.0");
  EXPECT_EQ(sample.type, "");
  EXPECT_EQ(sample.question.messages.size(), 3u);
  EXPECT_TRUE(sample.question.rubric[0].expected);
  EXPECT_FALSE(sample.question.rubric[1].expected);
  ASSERT_TRUE(sample.judge_prompt);
  EXPECT_EQ(sample.judge_prompt->format, VerdictFormat::yes_no);
  EXPECT_NE(sample.judge_prompt->user_template.find("{model_response}"), std::string::npos);
  expect_round_trip(*set);
  EXPECT_NE(
      error_of(
          parse_dataset(
              R"({"uuid":"u","prompt":"p","llm_judge":[{"uid":1,"content":"x","pass_criteria":"maybe"}]})",
              "a.jsonl"))
          .find("llm_judge[0].pass_criteria: expected YES or NO"),
      std::string::npos);
}

TEST(Reader, ReadsIfevalRows) {
  const auto set = parse_dataset(
      R"({"key":1000,"prompt":"p","instruction_id_list":["a:b","c:d"],"kwargs":[{"n":3,"m":null},null]})"
      "\n"
      R"({"key":"x1","prompt":"用中文写一首诗","instruction_id_list":["a:b"],"kwargs":[{}]})",
      "ifeval.jsonl");
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, "ifeval");
  EXPECT_EQ(set->samples[0].id, "1000");
  EXPECT_EQ(set->samples[0].instructions,
            (std::vector<Instruction>{{"a:b", R"({"n":3})"}, {"c:d", "{}"}}));
  EXPECT_EQ(set->samples[0].language, Language::english);
  EXPECT_EQ(set->samples[1].language, Language::chinese);
  EXPECT_TRUE(set->samples[0].numeric_id);
  EXPECT_FALSE(set->samples[1].numeric_id);
  EXPECT_EQ(set->places, (std::vector<std::string>{"ifeval.jsonl:1", "ifeval.jsonl:2"}));
  expect_round_trip(*set);
  EXPECT_EQ(error_of(parse_dataset(
                R"({"key":1,"prompt":"p","instruction_id_list":["a"],"kwargs":[{},{}]})", "a")),
            "a:1: key 1: kwargs: expected one entry for each of the 1 instructions, got 2");
  EXPECT_NE(error_of(parse_dataset(R"({"key":1,"prompt":"p","instruction_id_list":["a"]})"
                                   "\n"
                                   R"({"key":"1","prompt":"q","instruction_id_list":["a"]})",
                                   "a"))
                .find("a:2: sample id '1' is that of line 1"),
            std::string::npos);
}

TEST(Reader, LanguageIsChineseAboveThreeTenthsOfTheLetters) {
  const auto language = [](std::string_view prompt) {
    std::string row = R"({"key":1,"instruction_id_list":["a"],"prompt":)";
    append_json_string(row, prompt);
    const auto set = parse_dataset(row + "}", "a");
    return set ? std::string(to_string(*set->samples[0].language)) : error_of(set);
  };
  EXPECT_EQ(language("1234 !?"), "english");
  EXPECT_EQ(language("abcdefg汉字汉"), "english");  // exactly 30 %
  EXPECT_EQ(language("abcdef汉字汉"), "chinese");
  EXPECT_EQ(language("，。！汉"), "chinese");
  EXPECT_EQ(language("ひらがなカタカナ漢"), "english");
}

TEST(Reader, LoadsFilesAndNamesThem) {
  const std::filesystem::path path = std::filesystem::path(TempDir()) / "iie_reader.jsonl";
  std::ofstream(path) << "\xEF\xBB\xBF\r\n"
                      << R"({"key":1,"prompt":"p","instruction_id_list":["a"]})" << "\r\n\r\n"
                      << R"({"key":2,"prompt":"p","instruction_id_list":[]})";
  EXPECT_EQ(error_of(load_dataset(path)),
            path.string() + ":4: key 2: instruction_id_list: expected at least one instruction");
  std::ofstream(path) << official_row("a");
  const auto set = load_dataset(path);
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->name, "iie_reader.jsonl");
  std::filesystem::remove(path);
  const auto missing = load_dataset(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(error_of(load_dataset(TempDir())), TempDir() + ": is a directory");
}

// Twice the length must not cost four times the time; the bound is far above either.
TEST(Reader, ReadsVeryLongLines) {
  const std::filesystem::path path = std::filesystem::path(TempDir()) / "iie_long.jsonl";
  const std::string prompt(20u << 20, 'x');
  std::ofstream(path) << official_row(prompt) << "\n" << official_row("short") << "\n";
  const auto start = std::chrono::steady_clock::now();
  const auto set = load_dataset(path);
  const auto took = std::chrono::steady_clock::now() - start;
  std::filesystem::remove(path);
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->samples[0].question.messages[0].content.size(), prompt.size());
  EXPECT_LT(took, std::chrono::seconds(20));
}

struct SharedFile {
  const char* path;
  const char* format;
  std::size_t rows;
};

class SharedFiles : public testing::TestWithParam<SharedFile> {};

TEST_P(SharedFiles, LoadAndRoundTrip) {
  const auto path = test::shared_file(GetParam().path);
  IIE_NEEDS_SHARED(path);
  const auto set = load_dataset(path);
  ASSERT_TRUE(set) << error_of(set);
  EXPECT_EQ(set->format, GetParam().format);
  EXPECT_EQ(set->samples.size(), GetParam().rows);
  std::set<std::string> ids;
  for (const Sample& sample : set->samples) {
    ids.insert(sample.id);
    EXPECT_TRUE(sample.language);
    EXPECT_FALSE(sample.question.messages.back().content.empty());
  }
  EXPECT_EQ(ids.size(), GetParam().rows);
  expect_round_trip(*set);
}

INSTANTIATE_TEST_SUITE_P(Reader, SharedFiles,
                         testing::Values(SharedFile{"official_style/dataset.json", "official", 8},
                                         SharedFile{"rubric/example.jsonl", "rubric", 5},
                                         SharedFile{"ifeval/input_data.jsonl", "ifeval", 541},
                                         SharedFile{"ifbench/input_data.jsonl", "ifeval", 300}));

TEST(Reader, OfficialStyleSetHasAllTypes) {
  const auto path = test::shared_file("official_style/dataset.json");
  IIE_NEEDS_SHARED(path);
  const auto set = load_dataset(path);
  ASSERT_TRUE(set) << error_of(set);
  std::set<std::string> types;
  for (const Sample& sample : set->samples) {
    types.insert(sample.type);
    EXPECT_TRUE(sample.id.starts_with(sample.type + "-")) << sample.id;
    EXPECT_EQ(sample.judge_prompt->format, VerdictFormat::answer_score);
  }
  EXPECT_EQ(types.size(), 8u);
}

}  // namespace
}  // namespace iie
