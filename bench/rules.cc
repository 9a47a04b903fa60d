// How fast the checkers of IFEval's and IFBench's instructions are, and how their time grows.
//
//   ninja -C build benches && build/bench/bench_rules [--rounds N] FOLDER...
//   build/bench/bench_rules --scaling FOLDER...
//
// FOLDER holds input_data.jsonl (prompts with their instructions) and responses.jsonl ("key" and
// "response"), as IFEval and IFBench publish them. One thread.
//
// The first form prints verdicts per second: one verdict is one instruction on one response, strict
// and loose, from bytes to answer, the fastest of N rounds (5); compiling the instruction and
// loading tables are no part of it. tools/reference_rules_bench.py measures the same of the
// reference checkers.
//
// The second runs every instruction on 1 KB to 10 MB of prose and on 1 MB of each of what hostile
// responses are made of, prints nanoseconds per byte, and fails where that is more than 3000: what
// is quadratic takes far more there. (Times of two lengths do not compare: a response that is
// followed strictly is looked at once, another one up to eight times.)
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "rules/instructions.h"

namespace {

using namespace iie;  // NOLINT(google-build-using-namespace): a program of one file
namespace bj = boost::json;
using Clock = std::chrono::steady_clock;

struct Case {
  std::string id;
  CompiledInstructions instruction;
  std::string response;
};

Result<std::vector<bj::value>> read_rows(const std::filesystem::path& path) {
  IIE_TRY(const std::string text, read_file(path));
  std::vector<bj::value> rows;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    IIE_TRY(bj::value row, parse_json(line));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string kwargs_of(const bj::value& row, std::size_t index) {
  bj::object kept;
  for (const auto& field : row.at("kwargs").at(index).as_object()) {
    if (!field.value().is_null()) kept.emplace(field.key(), field.value());
  }
  return to_json(kept);
}

// One case for each instruction of each prompt that has a response.
Result<std::vector<Case>> read_cases(const std::filesystem::path& folder) {
  IIE_TRY(const std::vector<bj::value> prompts, read_rows(folder / "input_data.jsonl"));
  IIE_TRY(const std::vector<bj::value> responses, read_rows(folder / "responses.jsonl"));
  std::map<std::string, std::string> by_key;
  for (const bj::value& row : responses) {
    by_key[to_json(row.at("key"))] = std::string(row.at("response").as_string());
  }
  std::vector<Case> cases;
  for (const bj::value& row : prompts) {
    const auto response = by_key.find(to_json(row.at("key")));
    if (response == by_key.end()) continue;
    const bj::array& ids = row.at("instruction_id_list").as_array();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string id(ids[i].as_string());
      IIE_TRY(CompiledInstructions compiled, compile_instructions({{id, kwargs_of(row, i)}}));
      cases.push_back({id, std::move(compiled), response->second});
    }
  }
  return cases;
}

volatile std::size_t g_sink = 0;

double seconds_of(const CompiledInstructions& instruction, std::string_view response) {
  const auto start = Clock::now();
  g_sink = g_sink + (instruction.run(response)[0].loose ? 1 : 0);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void print_verdicts(const std::string& folder, const std::vector<Case>& cases, int rounds) {
  struct Total {
    std::size_t verdicts = 0;
    double seconds = 0;
  };
  std::map<std::string, Total> by_id;
  Total all;
  for (const Case& one : cases) {
    double best = HUGE_VAL;
    for (int round = 0; round < rounds; ++round) {
      best = std::min(best, seconds_of(one.instruction, one.response));
    }
    for (Total* total : {&by_id[one.id], &all}) {
      ++total->verdicts;
      total->seconds += best;
    }
  }
  const auto line = [](const std::string& name, const Total& total) {
    const auto count = static_cast<double>(total.verdicts);
    fmt::print("{:48} {:6} verdicts {:12.0f} /s {:10.2f} us each\n", name, total.verdicts,
               count / total.seconds, total.seconds / count * 1e6);
  };
  for (const auto& [id, total] : by_id) line(id, total);
  line(folder, all);
}

// Texts whose prefixes of any length are made of the same.
std::map<std::string, std::string> scaling_texts(const std::vector<Case>& cases, std::size_t size) {
  std::map<std::string, std::string> units;
  std::string& prose = units["prose"];
  for (const Case& one : cases) prose += one.response + "\n\n";
  for (const std::string_view unit : {"a",
                                      " ",
                                      "\n",
                                      ".",
                                      ". ",
                                      ". . ",
                                      "! ",
                                      "a.b ",
                                      "'",
                                      "' ",
                                      "\"",
                                      "* ",
                                      "*",
                                      "**",
                                      "***\n",
                                      "<<",
                                      "<<a>> ",
                                      "[",
                                      "[\n",
                                      "(",
                                      "((a)",
                                      "{\"a\":",
                                      "[1,",
                                      "1",
                                      "1,2;",
                                      "- a\n",
                                      "-\n",
                                      "a@",
                                      "@a",
                                      "http",
                                      "http://",
                                      "A",
                                      "Ab ",
                                      "A. ",
                                      "Mr. ",
                                      "cannot ",
                                      "\xC2\xA0",
                                      "\xE3\x80\x82",
                                      "\xE6\xBC\xA2",
                                      "e\xCC\x81",
                                      "\xCC\x81",
                                      "\xF0\x9F\x98\x80",
                                      "\xFF",
                                      "a,b\n",
                                      "I. the ",
                                      "a a ",
                                      "Section 1 "}) {
    units["'" + one_line(unit, 20) + "'"] = unit;
  }
  const std::string nul(1, '\0');
  units["NUL"] = nul;
  for (auto& [name, unit] : units) {
    std::string text;
    text.reserve(size + unit.size());
    while (text.size() < size) text += unit;
    text.resize(size);
    unit = std::move(text);
  }
  return units;
}

// Prints one line for each instruction; false where one grows too fast.
bool print_scaling(const std::vector<Case>& cases) {
  constexpr std::size_t kLargest = 10'000'000;
  constexpr std::size_t kHostile = 1'000'000;
  constexpr double kTooMuch = 3e-6;  // seconds per byte
  std::map<std::string, const CompiledInstructions*> by_id;
  for (const Case& one : cases) by_id.emplace(one.id, &one.instruction);
  const auto texts = scaling_texts(cases, kLargest);
  const std::string_view prose = texts.at("prose");
  bool fine = true;
  fmt::print("{:44} {:>8} {:>8} {:>8} {:>8} {:>8}   worst of {} other texts, 1 MB\n", "ns per byte",
             "1 KB", "10 KB", "100 KB", "1 MB", "10 MB", texts.size() - 1);
  for (const auto& [id, instruction] : by_id) {
    fmt::print("{:44}", id);
    double largest_prose = 0;
    for (std::size_t size = 1000; size <= kLargest; size *= 10) {
      const std::string_view text = prose.substr(0, size);
      double best = HUGE_VAL;
      for (int round = 0; round < (size <= 100'000 ? 5 : 1); ++round) {
        best = std::min(best, seconds_of(*instruction, text));
      }
      largest_prose = best / static_cast<double>(size);
      fmt::print(" {:8.1f}", largest_prose * 1e9);
    }
    double worst = 0;
    std::string worst_name;
    for (const auto& [name, text] : texts) {
      if (name == "prose") continue;
      const double seconds = seconds_of(*instruction, std::string_view(text).substr(0, kHostile));
      if (seconds <= worst) continue;
      worst = seconds;
      worst_name = name;
    }
    fine = fine && largest_prose <= kTooMuch && worst / static_cast<double>(kHostile) <= kTooMuch;
    fmt::print("   {:6.1f} {}\n", worst / static_cast<double>(kHostile) * 1e9, worst_name);
    std::fflush(stdout);
  }
  return fine;
}

}  // namespace

int main(int argc, char** argv) {
  bool scaling = false;
  int rounds = 5;
  bool fine = true;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--scaling") == 0) {
      scaling = true;
      continue;
    }
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
      continue;
    }
    const auto cases = read_cases(argv[i]);
    if (!cases) {
      fmt::print(stderr, "{}\n", cases.error().message);
      return 1;
    }
    if (scaling) {
      fine = print_scaling(*cases) && fine;
    } else {
      print_verdicts(argv[i], *cases, rounds);
    }
  }
  return fine ? 0 : 1;
}
