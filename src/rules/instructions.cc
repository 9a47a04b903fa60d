#include "rules/instructions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "rules/instruction_registry.h"
#include "text/python_text.h"

namespace iie {
namespace {

// Every instruction, by suite and then id. A suite reuses some ids of another: an id stands once.
const std::vector<InstructionDefinition>& definitions() {
  static const std::vector<InstructionDefinition> all = [] {
    std::vector<InstructionDefinition> out;
    for (const InstructionFamily family : {
             ifeval_case_instructions(),
             ifeval_combination_instructions(),
             ifeval_content_instructions(),
             ifeval_edge_instructions(),
             ifeval_format_instructions(),
             ifeval_keyword_instructions(),
             ifeval_language_instructions(),
             ifeval_length_instructions(),
             ifeval_punctuation_instructions(),
             ifbench_count_instructions(),
             ifbench_custom_instructions(),
             ifbench_format_instructions(),
             ifbench_ratio_instructions(),
             ifbench_repeat_instructions(),
             ifbench_sentence_instructions(),
             ifbench_words_instructions(),
         }) {
      out.insert(out.end(), family.begin(), family.end());
    }
    std::ranges::sort(out, {}, [](const InstructionDefinition& definition) {
      return std::pair(definition.info.suite, definition.info.id);
    });
    return out;
  }();
  return all;
}

Result<InstructionCheck> compile(const Instruction& instruction, const std::string& where,
                                 Language language) {
  const auto& all = definitions();
  const auto found =
      std::ranges::find(all, std::string_view(instruction.id),
                        [](const InstructionDefinition& one) { return one.info.id; });
  if (found == all.end()) {
    std::vector<std::string> ids;
    for (const InstructionDefinition& one : all) ids.emplace_back(one.info.id);
    return fail(ErrorKind::bad_input,
                fmt::format("{}: unknown instruction '{}'{}", where, one_line(instruction.id, 60),
                            did_you_mean(instruction.id, ids)));
  }
  const std::string here = fmt::format("{} ({}): ", where, instruction.id);
  const auto json = parse_json(instruction.kwargs.empty() ? std::string_view("{}")
                                                          : std::string_view(instruction.kwargs));
  if (!json) return fail(ErrorKind::bad_input, here + "kwargs: " + json.error().message);
  JsonFields kwargs(*json, "");
  const bool chinese = language == Language::chinese && found->compile_chinese != nullptr;
  InstructionCheck check = (chinese ? found->compile_chinese : found->compile)(kwargs);
  if (const Result<void> finished = kwargs.finish(); !finished) {
    return fail(ErrorKind::bad_input, here + finished.error().message);
  }
  return check;
}

// The variants of a response by which loose evaluation judges it, without the response itself,
// blank ones and repetitions. At most seven.
std::vector<std::string> other_variants(std::string_view response) {
  const std::size_t first = response.find('\n');
  const std::size_t last = response.rfind('\n');
  const bool one_line = first == std::string_view::npos;
  const bool two_lines = first == last;
  const std::string_view without_first = one_line ? "" : response.substr(first + 1);
  const std::string_view without_last = one_line ? "" : response.substr(0, last);
  const std::string_view without_both =
      two_lines ? "" : response.substr(first + 1, last - first - 1);

  std::vector<std::string> variants;
  const auto add = [&](std::string_view variant) {
    if (variant != response && !python_strip(variant).empty() &&
        std::ranges::find(variants, variant) == variants.end()) {
      variants.emplace_back(variant);
    }
  };
  const std::array<std::string_view, 4> cut{response, python_strip(without_first),
                                            python_strip(without_last), python_strip(without_both)};
  for (const std::string_view variant : cut) add(variant);
  if (response.find('*') != std::string_view::npos) {
    for (const std::string_view variant : cut) {
      std::string plain(variant);
      std::erase(plain, '*');
      add(plain);
    }
  }
  return variants;
}

}  // namespace

struct CompiledInstructions::Impl {
  std::vector<InstructionCheck> checks;
};

CompiledInstructions::CompiledInstructions() : impl_(std::make_unique<const Impl>()) {}
CompiledInstructions::CompiledInstructions(CompiledInstructions&&) noexcept = default;
CompiledInstructions& CompiledInstructions::operator=(CompiledInstructions&&) noexcept = default;
CompiledInstructions::~CompiledInstructions() = default;

std::size_t CompiledInstructions::size() const { return impl_->checks.size(); }

std::vector<InstructionResult> CompiledInstructions::run(std::string_view response) const {
  std::vector<InstructionResult> results(impl_->checks.size());
  std::string mended;
  if (!is_valid_utf8(response)) response = mended = to_valid_utf8(response);
  if (python_strip(response).empty()) return results;
  std::optional<std::vector<std::string>> variants;  // made when an instruction is not followed
  for (std::size_t i = 0; i < results.size(); ++i) {
    const InstructionCheck& follows = impl_->checks[i];
    results[i].strict = follows(response);
    if (results[i].strict) {
      results[i].loose = true;
      continue;
    }
    if (!variants) variants = other_variants(response);
    results[i].loose = std::ranges::any_of(*variants, follows);
  }
  return results;
}

Result<CompiledInstructions> compile_instructions(const std::vector<Instruction>& instructions,
                                                  std::string_view where,
                                                  Language prompt_language) {
  auto impl = std::make_unique<CompiledInstructions::Impl>();
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const std::string here =
        fmt::format("{}{}instructions[{}]", where, where.empty() ? "" : ": ", i);
    IIE_TRY(InstructionCheck check, compile(instructions[i], here, prompt_language));
    impl->checks.push_back(std::move(check));
  }
  CompiledInstructions out;
  out.impl_ = std::move(impl);
  return out;
}

const std::vector<InstructionInfo>& instructions() {
  static const std::vector<InstructionInfo> all = [] {
    std::vector<InstructionInfo> out;
    for (const InstructionDefinition& definition : definitions()) out.push_back(definition.info);
    return out;
  }();
  return all;
}

}  // namespace iie
