#include "authoring/fresh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "authoring/fresh_item.h"
#include "authoring/item_checks.h"
#include "base/hash.h"
#include "base/string_util.h"

namespace iie {
namespace {

// How many draws in a row may bring nothing new before a type counts as used up.
constexpr int kMaxDraws = 2'000;

// How many pairs each type gets: the paper's mix by largest remainders, at least one each where
// there are as many pairs as types.
std::vector<std::pair<std::string, std::int64_t>> shares(const std::vector<std::string>& types,
                                                         std::int64_t pairs) {
  std::int64_t all = 0;
  for (const std::string& type : types) all += find_instruction_type(type)->paper_samples;
  std::vector<std::pair<std::string, std::int64_t>> out;
  std::vector<std::pair<std::int64_t, std::size_t>> rest;  // negative remainder, index
  std::int64_t given = 0;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::int64_t weight = find_instruction_type(types[i])->paper_samples * pairs;
    out.emplace_back(types[i], weight / all);
    rest.emplace_back(-(weight % all), i);
    given += weight / all;
  }
  std::ranges::sort(rest);
  for (std::size_t i = 0; given < pairs; ++i, ++given) ++out[rest[i % rest.size()].second].second;
  return out;
}

// Rules decide about every item that leaves: its golds, its texts, its fields.
bool is_sound(const Sample& sample) {
  Problems problems;
  GoldCounts counts;
  check_item({sample, "", 0}, false, problems, counts);
  return problems.empty();
}

Result<std::vector<std::string>> chosen_types(const std::vector<std::string>& asked) {
  std::vector<std::string> out;
  std::vector<std::string> known;
  for (const InstructionType& type : instruction_types()) {
    if (fresh::maker_of(type.code) != nullptr) known.push_back(type.code);
  }
  if (asked.empty()) return known;
  for (const std::string& name : asked) {
    const auto code = parse_instruction_type(name);
    if (!code) return fail(ErrorKind::usage, code.error().message);
    if (std::ranges::find(known, *code) == known.end()) {
      return fail(ErrorKind::usage, fmt::format("{} has no procedural questions (there are: {})",
                                                *code, join(known, ", ")));
    }
    if (std::ranges::find(out, *code) == out.end()) out.push_back(*code);
  }
  return out;
}

}  // namespace

Result<std::vector<Sample>> fresh_samples(const FreshOptions& options) {
  if (options.count < 1 || options.count > kMaxFresh) {
    return fail(ErrorKind::usage, fmt::format("count must be 1 to {}", kMaxFresh));
  }
  if (!options.language && options.count % 2 != 0) {
    return fail(ErrorKind::usage,
                "count must be even: items come in pairs of an English and a Chinese form "
                "(or choose one language)");
  }
  IIE_TRY(const std::vector<std::string> types, chosen_types(options.types));
  const std::int64_t pairs = options.language ? options.count : options.count / 2;
  std::vector<Sample> out;
  std::set<std::string> prompts;
  try {
    const fresh::Banks banks = fresh::load_banks();
    for (const auto& [type, wanted] : shares(types, pairs)) {
      const fresh::Maker make = fresh::maker_of(type);
      // Each type has a sequence of its own, so that a selection of types changes none of them.
      Rng rng(fnv1a(fmt::format("fresh {} {} {}", kFreshVersion, options.seed, type)));
      for (std::int64_t i = 1; i <= wanted; ++i) {
        std::optional<fresh::Pair> pair;
        for (int draw = 0; draw < kMaxDraws && !pair; ++draw) {
          pair = make(banks, rng);
          for (const Language language : kLanguages) {
            if (!pair) break;
            pair->of(language).type = type;
            pair->of(language).language = language;
          }
          // Both forms have to be new and sound, whatever language is asked for.
          if (pair && (!prompts.insert(pair->english.question.messages.back().content).second ||
                       !is_sound(pair->english) || !is_sound(pair->chinese))) {
            pair.reset();
          }
        }
        if (!pair) {
          return fail(ErrorKind::usage,
                      fmt::format("the banks hold no more than {} {} questions for this seed",
                                  i - 1, type));
        }
        const std::string name =
            fmt::format("fresh-{}-{}-{:04}", options.seed, ascii_lower(type), i);
        for (const Language language : kLanguages) {
          if (options.language && *options.language != language) continue;
          Sample sample = pair->of(language);
          sample.id = fmt::format("{}-{}", name, fresh::code_of(language));
          if (!options.language) sample.pair = name;
          sample.author = "Inverse IFEval project";
          sample.reviewed = "generated; checked by rules";
          sample.source =
              fmt::format("{} --seed {} (version {})", kFreshSource, options.seed, kFreshVersion);
          sample.license = "CC-BY-4.0";
          out.push_back(std::move(sample));
        }
      }
    }
  } catch (const fresh::BrokenBank& exception) {
    return fail(ErrorKind::bug,
                fmt::format("a bank of data/fresh is broken: {}", exception.what()));
  }
  return out;
}

}  // namespace iie
