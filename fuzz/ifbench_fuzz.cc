// Each of IFBench's instructions on arbitrary bytes. The first byte chooses the instruction, the
// second the prompt's language; a first line that is JSON for it is its arguments, which come from
// datasets and so are hostile too. No crash, no hang, and a response that is followed strictly is
// followed loosely.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "rules/instructions.h"

namespace {

constexpr std::size_t kMostArguments = 512;

// Arguments that fit a sketch: R"({"word": s, "N": n})" becomes R"({"word": "a b", "N": 1})".
std::string arguments_of(std::string_view sketch) {
  std::string out;
  int next = 0;
  for (std::size_t i = 0; i < sketch.size(); ++i) {
    out += sketch[i];
    if (sketch.substr(i, 2) != ": " || i + 2 >= sketch.size()) continue;
    out += ' ';
    i += 2;
    switch (sketch[i]) {
      case 'n':
        out += std::to_string(++next);
        break;
      case 'x':
        out += "40";
        break;
      case 's':
        out += "\"a b / c\"";
        break;
      default:
        out += sketch[i];
    }
  }
  return out;
}

struct Checker {
  std::string id;
  std::string arguments;
};

std::vector<Checker> checkers() {
  std::vector<Checker> out;
  for (const iie::InstructionInfo& info : iie::instructions()) {
    if (info.suite != iie::InstructionSuite::ifbench) continue;
    out.push_back({std::string(info.id), arguments_of(info.kwargs)});
    if (!iie::compile_instructions({{out.back().id, out.back().arguments}})) std::abort();
  }
  if (out.size() != 58) std::abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Checker> all = checkers();
  if (size < 2) return 0;
  const Checker& checker = all[data[0] % all.size()];
  const iie::Language language = data[1] % 2 == 0 ? iie::Language::english : iie::Language::chinese;
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string_view line = text.substr(0, std::min(text.find('\n'), kMostArguments));
  auto compiled = iie::compile_instructions({{checker.id, std::string(line)}}, {}, language);
  if (compiled) {
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  } else {
    compiled = iie::compile_instructions({{checker.id, checker.arguments}}, {}, language);
    if (!compiled) std::abort();
  }
  for (const auto [strict, loose] : compiled->run(text)) {
    if (strict && !loose) std::abort();
  }
  return 0;
}
