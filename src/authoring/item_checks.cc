#include "authoring/item_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authoring/fresh.h"
#include "authoring/near_duplicates.h"
#include "base/string_util.h"
#include "core/instruction_type.h"
#include "rules/rule.h"
#include "text/unicode.h"

namespace iie {
namespace {

// How much of a reference may stand in the prompt. Both name the same things, so some overlap is
// the rule; a reference that is mostly quoted from the prompt gives the answer away.
constexpr double kLeakError = 0.85;
constexpr double kLeakWarning = 0.7;

// Types whose twin asks for the same text without the detours, so that its answer is right for
// both.
constexpr auto kSameAnswerTypes = std::to_array<std::string_view>({"MIM"});

class ItemCheck {
 public:
  ItemCheck(const Item& item, Problems& problems, GoldCounts& gold)
      : item_(item), sample_(item.sample), problems_(problems), gold_(gold) {}

  void run(bool written) {
    check_texts();
    if (written) check_fields();
    std::optional<CompiledChecks> checks = compile(sample_.question, "");
    std::optional<CompiledChecks> twin_checks;
    if (sample_.twin) twin_checks = compile(*sample_.twin, "twin.");
    if (checks) check_gold(*checks);
    if (twin_checks) check_twin_gold(*twin_checks, checks ? &*checks : nullptr);
  }

 private:
  void add(Severity severity, std::string_view code, std::string field, std::string message) {
    problems_.push_back({severity, std::string(code), item_.file, item_.line, sample_.id,
                         std::move(field), one_line(message, 500)});
  }
  void error(std::string_view code, std::string field, std::string message) {
    add(Severity::error, code, std::move(field), std::move(message));
  }
  void warning(std::string_view code, std::string field, std::string message) {
    add(Severity::warning, code, std::move(field), std::move(message));
  }

  std::optional<CompiledChecks> compile(const Question& question, const std::string& prefix) {
    auto checks = compile_checks(question);
    if (checks) return *std::move(checks);
    // "checks[2] (count): params.min: is ..." is about the field checks[2].params.min.
    const std::string text = std::move(checks).error().message;
    std::string_view message = text;
    const auto take = [&](std::size_t size) {
      const std::string_view taken = message.substr(0, size);
      message.remove_prefix(std::min(size, message.size()));
      return std::string(taken);
    };
    std::string field = prefix + take(std::min(message.find_first_of(" :"), message.size()));
    std::string rule;
    if (const std::size_t end = message.find("): "); message.starts_with(" (") && end < 80) {
      rule = take(end + 1);
    }
    if (message.starts_with(": ")) message.remove_prefix(2);
    if (const std::size_t end = message.find(": "); message.starts_with("params") && end < 200) {
      field += '.' + take(end);
      message.remove_prefix(2);
    }
    error("bad-check", field, std::string(message) + rule);
    return std::nullopt;
  }

  // --- texts ---

  void check_text(const std::string& field, std::string_view text, bool may_be_blank = false) {
    if (trim(text).empty()) {
      if (!may_be_blank) error("blank-text", field, "is blank");
      return;
    }
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = next_code_point(text, at);
      if (c == 0xFFFD) {
        error("bad-text", field, "holds U+FFFD: a character was lost");
        return;
      }
      if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F || c == 0xFEFF || c == 0x200B ||
          (c >= 0x202A && c <= 0x202E) || (c >= 0xE000 && c <= 0xF8FF)) {
        error("bad-text", field,
              fmt::format("holds the invisible character U+{:04X}", static_cast<unsigned>(c)));
        return;
      }
    }
  }

  struct Letters {
    std::size_t han = 0;
    std::size_t words = 0;  // in Latin script
    std::string first_other;
  };

  // Letters outside of code: a Chinese character counts as much as a Latin word.
  static Letters count_letters(std::string_view text) {
    Letters out;
    bool fenced = false;
    bool quoted = false;
    for (std::string_view line : split(text, '\n')) {
      if (trim(line).starts_with("```")) {
        fenced = !fenced;
        continue;
      }
      if (fenced) continue;
      bool in_word = false;
      for (std::size_t at = 0; at < line.size();) {
        const std::size_t begin = at;
        const char32_t c = next_code_point(line, at);
        if (c == '`') quoted = !quoted;
        if (quoted) continue;
        const bool latin = is_letter(c) && script_of(c) == Script::latin;
        if (is_han(c)) {
          ++out.han;
          if (out.first_other.empty()) out.first_other = one_line(line.substr(begin), 30);
        }
        out.words += latin && !in_word ? 1 : 0;
        in_word = latin || (in_word && is_ascii_digit(line[begin]));
      }
      quoted = false;
    }
    return out;
  }

  void check_language(const std::string& field, std::string_view text) {
    if (!sample_.language) return;
    const Letters letters = count_letters(text);
    const std::size_t all = letters.han + letters.words;
    if (all < 4) return;
    if (*sample_.language == Language::english) {
      if (letters.han * 10 > all) {
        error("language", field, fmt::format("is mostly not English: \"{}\"", letters.first_other));
      } else if (letters.han > 0) {
        warning("language", field,
                fmt::format("holds Chinese characters: \"{}\"", letters.first_other));
      }
    } else if (letters.han * 2 < all) {
      error("language", field,
            fmt::format("is not Chinese: {} Chinese characters beside {} words in Latin script",
                        letters.han, letters.words));
    }
  }

  // Endpoints expect user and assistant by turns, the user first; a system message may lead.
  void check_turns(const Question& question, const std::string& prefix) {
    Role last = Role::assistant;
    for (std::size_t i = 0; i < question.messages.size(); ++i) {
      const Role role = question.messages[i].role;
      if (role == Role::system && i == 0) continue;
      const bool follows = role == (last == Role::user ? Role::assistant : Role::user);
      if (!follows) {
        warning("turns", fmt::format("{}messages[{}].role", prefix, i),
                fmt::format("'{}' follows {}: some endpoints refuse such a conversation",
                            to_string(role),
                            i == 0 ? "nothing" : fmt::format("'{}'", to_string(last))));
        return;
      }
      last = role;
    }
  }

  void check_question_texts(const Question& question, const std::string& prefix) {
    for (std::size_t i = 0; i < question.messages.size(); ++i) {
      const std::string field = fmt::format("{}messages[{}].content", prefix, i);
      check_text(field, question.messages[i].content);
      check_language(field, question.messages[i].content);
    }
    check_turns(question, prefix);
    if (!question.reference.empty()) {
      check_text(prefix + "reference", question.reference);
      check_language(prefix + "reference", question.reference);
    }
    for (std::size_t i = 0; i < question.rubric.size(); ++i) {
      const std::string field = fmt::format("{}rubric[{}].text", prefix, i);
      check_text(field, question.rubric[i].text);
      check_language(field, question.rubric[i].text);
    }
    for (std::size_t i = 0; i < question.gold.size(); ++i) {
      check_text(fmt::format("{}gold[{}].response", prefix, i), question.gold[i].response,
                 question.gold[i].kind == GoldKind::inertial);
    }
  }

  static std::string prompt_of(const Question& question) {
    std::string out;
    for (const Message& message : question.messages) out += message.content + "\n";
    return out;
  }

  void check_leak(const Question& question, const std::string& prefix) {
    const double share = containment(question.reference, prompt_of(question));
    if (share < kLeakWarning) return;
    add(share >= kLeakError ? Severity::error : Severity::warning, "leaked-reference",
        prefix + "reference",
        fmt::format("{:.0f} % of it stands in the prompt, which gives the answer away",
                    100 * share));
  }

  void check_texts() {
    check_question_texts(sample_.question, "");
    check_leak(sample_.question, "");
    if (!sample_.twin) return;
    check_question_texts(*sample_.twin, "twin.");
    if (prompt_of(*sample_.twin) == prompt_of(sample_.question)) {
      error("twin-same-prompt", "twin.messages", "asks the same as the item: it controls nothing");
    }
  }

  // --- fields of a written item ---

  void check_fields() {
    const auto require = [&](const char* field, const std::string& value) {
      if (trim(value).empty()) error("missing-field", field, "missing");
    };
    // Procedural items in one language come without their other form.
    if (!sample_.source.starts_with(kFreshSource)) require("pair", sample_.pair);
    require("type", sample_.type);
    require("domain", sample_.domain);
    require("author", sample_.author);
    require("reviewed", sample_.reviewed);
    require("license", sample_.license);
    if (!sample_.domain.empty()) {
      const auto domain = parse_domain(sample_.domain);
      if (!domain) {
        error("unknown-domain", "domain", domain.error().message);
      } else if (*domain != sample_.domain) {
        error("unknown-domain", "domain", fmt::format("is written '{}'", *domain));
      }
    }
    if (!sample_.language) {
      error("missing-field", "language", "missing");
    } else if (!sample_.pair.empty()) {
      const std::string id =
          sample_.pair + (*sample_.language == Language::english ? "-en" : "-zh");
      if (sample_.id != id) {
        error("bad-id", "id", fmt::format("is not the pair and the language, '{}'", id));
      }
    }
    for (const char c : sample_.id) {
      if ((c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '-') continue;
      error("bad-id", "id", "takes only a-z, 0-9 and -");
      break;
    }
    check_question_fields(sample_.question, "", false);
    if (!sample_.twin) {
      error("missing-field", "twin", "missing: every item has its conventional twin");
    } else {
      check_question_fields(*sample_.twin, "twin.", true);
    }
  }

  void check_question_fields(const Question& question, const std::string& prefix, bool twin) {
    if (trim(question.reference).empty()) error("missing-field", prefix + "reference", "missing");
    const auto criteria = [&](CriterionKind kind) {
      return std::ranges::count(question.rubric, kind, &Criterion::kind);
    };
    const auto gold = [&](GoldKind kind) {
      return std::ranges::count(question.gold, kind, &Gold::kind);
    };
    if (question.rubric.size() > 6) {
      error("rubric-size", prefix + "rubric",
            fmt::format("has {} criteria, at most 6", question.rubric.size()));
    }
    if (twin) {
      if (question.rubric.empty()) error("rubric-size", prefix + "rubric", "has no criterion");
      if (criteria(CriterionKind::inversion) > 0) {
        error("rubric-kind", prefix + "rubric", "a twin has no inversion criterion");
      }
      if (gold(GoldKind::conventional) == 0) {
        error("missing-gold", prefix + "gold", "needs a conventional response");
      }
      if (gold(GoldKind::compliant) + gold(GoldKind::inertial) > 0) {
        error("gold-kind", prefix + "gold", "a twin's gold is of kind conventional");
      }
      if (question.checks.empty()) {
        warning("no-checks", prefix + "checks", "no rule looks at the twin: a judge has to");
      }
      return;
    }
    if (question.rubric.size() < 2) {
      error("rubric-size", prefix + "rubric", "needs at least two criteria");
    }
    if (criteria(CriterionKind::inversion) == 0) {
      error("rubric-kind", prefix + "rubric", "needs a criterion of kind inversion");
    }
    if (criteria(CriterionKind::task) == 0) {
      error("rubric-kind", prefix + "rubric", "needs a criterion of kind task");
    }
    if (gold(GoldKind::compliant) == 0) {
      error("missing-gold", prefix + "gold", "needs a compliant response");
    }
    if (gold(GoldKind::inertial) == 0) {
      error("missing-gold", prefix + "gold", "needs an inertial response");
    }
    if (gold(GoldKind::conventional) > 0) {
      error("gold-kind", prefix + "gold", "conventional responses belong to the twin");
    }
  }

  // --- gold ---

  bool is_inversion(const std::string& criterion) const {
    return std::ranges::any_of(sample_.question.rubric, [&](const Criterion& one) {
      return one.id == criterion && one.kind == CriterionKind::inversion;
    });
  }

  // Reports what is not met, and says whether all is.
  bool expect_pass(const CompiledChecks& checks, const std::string& response,
                   const std::string& field, std::string_view kind) {
    bool passes = true;
    for (const CheckResult& result : checks.run(response)) {
      if (result.decision == Decision::met) continue;
      passes = false;
      const bool broken = result.decision == Decision::broken;
      error(fmt::format("{}-{}", kind, broken ? "fails" : "undecided"), field,
            fmt::format("{} {} criterion {}: {}", result.rule,
                        broken ? "breaks" : "cannot tell about", result.criterion, result.reason));
    }
    return passes;
  }

  void check_gold(const CompiledChecks& checks) {
    const Question& question = sample_.question;
    for (std::size_t i = 0; i < question.gold.size(); ++i) {
      const std::string field = fmt::format("gold[{}]", i);
      const Gold& gold = question.gold[i];
      if (gold.kind == GoldKind::compliant) {
        ++gold_.compliant;
        gold_.compliant_pass += expect_pass(checks, gold.response, field, "compliant");
      } else if (gold.kind == GoldKind::inertial) {
        ++gold_.inertial;
        check_inertial(checks, gold.response, field);
      }
    }
    if (question.complete && passes(checks, "")) {
      error("blank-passes", "checks", "are complete, and a blank response meets them all");
    }
  }

  static bool passes(const CompiledChecks& checks, const std::string& response) {
    return std::ranges::all_of(checks.run(response), [](const CheckResult& result) {
      return result.decision == Decision::met;
    });
  }

  void check_inertial(const CompiledChecks& checks, const std::string& response,
                      const std::string& field) {
    const bool inversion_checked = std::ranges::any_of(
        sample_.question.checks, [&](const Check& one) { return is_inversion(one.criterion); });
    bool broken = false;
    bool inversion_broken = false;
    for (const CheckResult& result : checks.run(response)) {
      if (result.decision != Decision::broken) continue;
      broken = true;
      inversion_broken = inversion_broken || is_inversion(result.criterion);
    }
    if (broken) ++gold_.inertial_fail;
    if (!inversion_checked) {
      if (!broken) {
        ++gold_.inertial_judge;
        gold_.inertial_judge_ids.push_back(sample_.id);
      }
      return;
    }
    if (!broken) {
      error("inertial-passes", field, "no check finds anything broken");
    } else if (!inversion_broken) {
      error("inertial-passes", field,
            "only task criteria are broken: an inertial response breaks the inversion");
    }
  }

  void check_twin_gold(const CompiledChecks& checks, const CompiledChecks* item_checks) {
    const bool same_answer = std::ranges::find(kSameAnswerTypes, std::string_view(sample_.type)) !=
                             kSameAnswerTypes.end();
    for (std::size_t i = 0; i < sample_.twin->gold.size(); ++i) {
      const Gold& gold = sample_.twin->gold[i];
      if (gold.kind != GoldKind::conventional) continue;
      const std::string field = fmt::format("twin.gold[{}]", i);
      ++gold_.conventional;
      gold_.conventional_pass += expect_pass(checks, gold.response, field, "conventional");
      if (item_checks != nullptr && sample_.question.complete && !same_answer &&
          passes(*item_checks, gold.response)) {
        error("twin-passes-item", field,
              "passes the inverse question too: nothing is inverted between them");
      }
    }
    if (sample_.twin->complete && passes(checks, "")) {
      error("blank-passes", "twin.checks", "are complete, and a blank response meets them all");
    }
  }

  const Item& item_;
  const Sample& sample_;
  Problems& problems_;
  GoldCounts& gold_;
};

}  // namespace

void check_item(const Item& item, bool written, Problems& problems, GoldCounts& gold) {
  ItemCheck(item, problems, gold).run(written);
}

}  // namespace iie
