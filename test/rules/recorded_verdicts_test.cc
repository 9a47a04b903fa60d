// Our verdicts against the reference checkers' on recorded responses.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "rules/instructions.h"
#include "support/shared_files.h"

namespace iie {
namespace {

namespace bj = boost::json;

std::vector<bj::value> read_lines(const std::filesystem::path& path) {
  std::vector<bj::value> rows;
  const auto text = read_file(path);
  if (!text) return rows;
  for (const std::string_view line : split(*text, '\n')) {
    if (trim(line).empty()) continue;
    auto row = parse_json(line);
    if (!row) {
      ADD_FAILURE() << path << ": " << row.error().message;
      continue;
    }
    rows.push_back(*std::move(row));
  }
  return rows;
}

std::string key_of(const bj::value& row) { return to_json(row.at("key")); }

std::vector<Instruction> instructions_of(const bj::value& prompt) {
  std::vector<Instruction> out;
  const bj::array& ids = prompt.at("instruction_id_list").as_array();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    bj::object kwargs;
    for (const auto& field : prompt.at("kwargs").at(i).as_object()) {
      if (!field.value().is_null()) kwargs.emplace(field.key(), field.value());
    }
    out.push_back({std::string(ids[i].as_string()), to_canonical_json(kwargs)});
  }
  return out;
}

struct Difference {
  std::string key;
  std::string id;
  bool operator==(const Difference&) const = default;
};
void PrintTo(const Difference& difference, std::ostream* out) {
  *out << difference.key << " " << difference.id;
}

// Every verdict of the folder that is not the reference's; `compared` counts all of them.
std::vector<Difference> differences(const std::filesystem::path& folder, std::size_t& compared) {
  std::map<std::string, bj::value> prompts;
  std::map<std::string, std::string> responses;
  for (bj::value& row : read_lines(folder / "input_data.jsonl")) prompts[key_of(row)] = row;
  for (const bj::value& row : read_lines(folder / "responses.jsonl")) {
    responses[key_of(row)] = std::string(row.at("response").as_string());
  }
  std::vector<Difference> out;
  for (const bj::value& expected : read_lines(folder / "expected.jsonl")) {
    const std::string key = key_of(expected);
    const auto compiled = compile_instructions(instructions_of(prompts.at(key)), "key " + key);
    if (!compiled) {
      ADD_FAILURE() << compiled.error().message;
      continue;
    }
    const std::vector<InstructionResult> results = compiled->run(responses.at(key));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const InstructionResult reference{expected.at("strict").at(i).as_bool(),
                                        expected.at("loose").at(i).as_bool()};
      ++compared;
      if (results[i] != reference) {
        out.push_back({key, std::string(expected.at("instruction_id_list").at(i).as_string())});
      }
    }
  }
  return out;
}

TEST(RecordedVerdicts, OfIfevalAreTheReferences) {
  const std::filesystem::path folder = test::shared_file("ifeval");
  IIE_NEEDS_SHARED(folder / "expected.jsonl");
  std::size_t compared = 0;
  EXPECT_EQ(differences(folder, compared), std::vector<Difference>());
  EXPECT_EQ(compared, 419U);
}

TEST(RecordedVerdicts, OfIfbenchAreTheReferences) {
  const std::filesystem::path folder = test::shared_file("ifbench");
  IIE_NEEDS_SHARED(folder / "expected.jsonl");
  std::size_t compared = 0;
  EXPECT_EQ(differences(folder, compared), std::vector<Difference>());
  EXPECT_EQ(compared, 167U);
}

}  // namespace
}  // namespace iie
