// Every instruction of IFEval on arbitrary bytes, in English and in Chinese prompts: no crash, no
// hang, and a response that is followed strictly is followed loosely too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "rules/instructions.h"

namespace {

using iie::Language;

iie::CompiledInstructions compile(Language language) {
  const std::vector<iie::Instruction> all = {
      {"change_case:capital_word_frequency",
       R"({"capital_frequency":3,"capital_relation":"at least"})"},
      {"change_case:english_capital", "{}"},
      {"change_case:english_lowercase", "{}"},
      {"combination:repeat_prompt", R"({"prompt_to_repeat":"Ab ça"})"},
      {"combination:two_responses", "{}"},
      {"detectable_content:number_placeholders", R"({"num_placeholders":3})"},
      {"detectable_content:postscript", R"({"postscript_marker":"P.S."})"},
      {"detectable_content:postscript", R"({"postscript_marker":"P.P.S"})"},
      {"detectable_content:postscript", R"({"postscript_marker":"又及"})"},
      {"detectable_format:constrained_response", "{}"},
      {"detectable_format:json_format", "{}"},
      {"detectable_format:multiple_sections", R"({"section_spliter":"S","num_sections":3})"},
      {"detectable_format:number_bullet_lists", R"({"num_bullets":3})"},
      {"detectable_format:number_highlighted_sections", R"({"num_highlights":3})"},
      {"detectable_format:title", "{}"},
      {"keywords:existence", R"({"keywords":["a","é.*c","漢"]})"},
      {"keywords:forbidden_words", R"({"forbidden_words":["a","b|c","ſ"]})"},
      {"keywords:frequency", R"({"keyword":"aa","frequency":3,"relation":"less than"})"},
      {"keywords:letter_frequency",
       R"({"letter":"İ","let_frequency":1,"let_relation":"at least"})"},
      {"language:response_language", R"({"language":"zh"})"},
      {"length_constraints:nth_paragraph_first_word",
       R"({"num_paragraphs":2,"nth_paragraph":2,"first_word":"a"})"},
      {"length_constraints:number_paragraphs", R"({"num_paragraphs":2})"},
      {"length_constraints:number_sentences", R"({"num_sentences":3,"relation":"at least"})"},
      {"length_constraints:number_words", R"({"num_words":3,"relation":"less than"})"},
      {"punctuation:no_comma", "{}"},
      {"startend:end_checker", R"({"end_phrase":"a."})"},
      {"startend:quotation", "{}"},
  };
  auto compiled = iie::compile_instructions(all, {}, language);
  if (!compiled) std::abort();
  return *std::move(compiled);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const iie::CompiledInstructions english = compile(Language::english);
  static const iie::CompiledInstructions chinese = compile(Language::chinese);
  const std::string_view response(reinterpret_cast<const char*>(data), size);
  for (const iie::CompiledInstructions* instructions : {&english, &chinese}) {
    const auto results = instructions->run(response);
    if (results.size() != instructions->size()) std::abort();
    for (const auto [strict, loose] : results) {
      if (strict && !loose) std::abort();
    }
  }
  return 0;
}
