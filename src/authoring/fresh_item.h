// What the makers of procedural questions share. Internal to authoring/.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "base/yaml.h"
#include "core/instruction_type.h"
#include "core/sample.h"

namespace iie::fresh {

// The banks, parsed. Read-only.
struct Banks {
  YamlNode facts, sentences, topics, sums, classics, code, frames;
};

// A bank is not what its makers expect, which is our mistake.
class BrokenBank : public std::runtime_error {
 public:
  BrokenBank(std::string_view what, int line, std::string_view why);
};

// Throws BrokenBank, as all that read the banks do.
Banks load_banks();

// The two forms of one question; the maker fills what differs between questions, the caller ids,
// pair, type and provenance.
struct Pair {
  Sample english;
  Sample chinese;

  Sample& of(Language language) { return language == Language::english ? english : chinese; }
};

// One maker per type. nullopt: this draw makes no sound question; draw again.
using Maker = std::optional<Pair> (*)(const Banks& banks, Rng& rng);
Maker maker_of(std::string_view type);  // null for a type that has none

std::optional<Pair> make_qc(const Banks& banks, Rng& rng);
std::optional<Pair> make_ii(const Banks& banks, Rng& rng);
std::optional<Pair> make_dia(const Banks& banks, Rng& rng);
std::optional<Pair> make_ca(const Banks& banks, Rng& rng);
std::optional<Pair> make_itf(const Banks& banks, Rng& rng);
std::optional<Pair> make_ccf(const Banks& banks, Rng& rng);
std::optional<Pair> make_cc(const Banks& banks, Rng& rng);
std::optional<Pair> make_mim(const Banks& banks, Rng& rng);

// --- building blocks ---

inline std::string_view code_of(Language language) {
  return language == Language::english ? "en" : "zh";
}
inline bool is_english(Language language) { return language == Language::english; }
// English text, or Chinese.
inline std::string_view either(Language language, std::string_view en, std::string_view zh) {
  return is_english(language) ? en : zh;
}

// "{a}" for each name replaced by its value; once, never again in what was put in.
std::string fill(std::string_view text,
                 const std::vector<std::pair<std::string, std::string>>& values);

// A choice of k different indices below n, in random order.
std::vector<std::size_t> choose(Rng& rng, std::size_t n, std::size_t k);

// How a question begins and ends: the same choice for both languages.
struct Frame {
  std::size_t open = 0;
  std::size_t close = 0;
};
Frame draw_frame(const Banks& banks, Rng& rng, const char* type);
std::string opening(const Banks& banks, const char* type, Frame frame, Language language);
std::string closing(const Banks& banks, const char* type, Frame frame, Language language);

const std::string& text_of(const YamlNode& node);
std::int64_t whole_of(const YamlNode& node);
std::vector<std::string> texts(const YamlNode& list);

void ask(Question& question, std::string text);
void criterion(Question& question, const char* id, CriterionKind kind, std::string text);
// `params` is JSON.
void check(Question& question, const char* criterion, const char* rule, const std::string& params);
void gold(Question& question, GoldKind kind, std::string response);
// A JSON list of strings.
std::string json_list(const std::vector<std::string>& texts);
std::string json_text(std::string_view text);

// Paragraphs: an English sentence joins the one before with a space, a Chinese one without.
std::string join_sentences(const std::vector<std::string>& sentences, Language language);

}  // namespace iie::fresh
