#include "judge/injection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "base/embedded.h"
#include "base/json.h"
#include "base/string_util.h"
#include "judge/prompt.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::string_view kFile = "injection/attacks.jsonl";
// A model's answer is never longer.
constexpr std::int64_t kMostBytes = 1 << 20;

Result<Attack> read_attack(std::string_view line) {
  IIE_TRY(const bj::value document, parse_json(line));
  JsonFields fields(document, "");
  Attack attack;
  attack.id = fields.required_string("id");
  attack.technique = fields.required_string("technique");
  const auto language = parse_language(fields.required_string("language"));
  attack.text = fields.required_string("text");
  attack.flood = fields.string_or("flood", "");
  const std::int64_t bytes = fields.optional_int("bytes").value_or(0);
  if (fields.ok() && !language) fields.reject("language", language.error().message);
  if (bytes < 0 || bytes > kMostBytes) {
    fields.reject("bytes", fmt::format("expected 0 to {}", kMostBytes));
  }
  if (attack.flood.empty() != (bytes == 0)) fields.reject("flood", "goes with bytes");
  IIE_CHECK_OK(fields.finish());
  attack.language = *language;
  attack.flood_bytes = static_cast<std::size_t>(bytes);
  return attack;
}

}  // namespace

std::string Attack::response(std::string_view answer) const {
  std::string filled;
  while (!flood.empty() && filled.size() + flood.size() <= flood_bytes) filled += flood;
  std::string out;
  // Anything else in braces is the attack's own.
  for (std::string_view rest = text; !rest.empty();) {
    if (rest.starts_with("{answer}")) {
      out += answer;
      rest.remove_prefix(8);
    } else if (rest.starts_with("{flood}")) {
      out += filled;
      rest.remove_prefix(7);
    } else {
      out += rest.front();
      rest.remove_prefix(1);
    }
  }
  return out;
}

Result<std::vector<Attack>> load_attacks(std::string_view jsonl, std::string_view name) {
  std::vector<Attack> attacks;
  std::set<std::string> ids;
  int line = 0;
  while (!jsonl.empty()) {
    ++line;
    const std::size_t end = std::min(jsonl.find('\n'), jsonl.size());
    const std::string_view text = trim(jsonl.substr(0, end));
    jsonl.remove_prefix(std::min(end + 1, jsonl.size()));
    if (text.empty()) continue;
    auto attack = read_attack(text);
    if (attack && !ids.insert(attack->id).second) {
      attack = fail(ErrorKind::bad_input, fmt::format("a second '{}'", one_line(attack->id, 60)));
    }
    if (!attack) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}:{}: {}", name, line, attack.error().message));
    }
    attacks.push_back(*std::move(attack));
  }
  if (attacks.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: holds none", name));
  return attacks;
}

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = [] {
    auto loaded = load_attacks(embedded_file(std::string(kFile)).value_or(""), kFile);
    if (!loaded) {
      // Our own data is wrong, which a test of it shows.
      std::fprintf(stderr, "bug: %s\n", loaded.error().message.c_str());
      std::abort();
    }
    return *std::move(loaded);
  }();
  return all;
}

Result<std::vector<AttackCase>> attack_cases(const std::vector<Attack>& attacks,
                                             const std::vector<Sample>& samples) {
  struct Base {
    const Sample* sample;
    const std::string* answer;
  };
  // The first such question of each type, then the second, and so on.
  std::map<Language, std::vector<Base>> bases;
  for (const Language language : kLanguages) {
    std::map<std::string, std::vector<Base>> by_type;
    std::size_t most = 0;
    for (const Sample& sample : samples) {
      if (sample.language != language) continue;
      const auto& gold = sample.question.gold;
      const auto inertial = std::ranges::find(gold, GoldKind::inertial, &Gold::kind);
      if (inertial == gold.end()) continue;
      auto& list = by_type[sample.type];
      list.push_back({&sample, &inertial->response});
      most = std::max(most, list.size());
    }
    for (std::size_t i = 0; i < most; ++i) {
      for (const auto& [type, list] : by_type) {
        if (i < list.size()) bases[language].push_back(list[i]);
      }
    }
  }
  std::map<Language, std::size_t> next;
  std::vector<AttackCase> cases;
  for (const Attack& attack : attacks) {
    const std::vector<Base>& choice = bases[attack.language];
    if (choice.empty()) {
      return fail(ErrorKind::not_found,
                  fmt::format("no question in {} has an answer that is known to fail",
                              to_string(attack.language)));
    }
    const Base& base = choice[next[attack.language]++ % choice.size()];
    cases.push_back({&attack, base.sample, *base.answer, attack.response(*base.answer)});
  }
  return cases;
}

}  // namespace iie
