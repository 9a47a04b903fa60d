// choice: which option a response settles on.
//
// Most responses to a question with options name several of them: they go through all four, say
// which is tempting, and then decide. What counts is the decision, and there are three strengths of
// it: an announcement ("the answer is B", "I'd go with B", 故选B, a box), a verdict on one option
// ("B is correct", B项正确), and a line that is an option. The strongest kind that occurs decides,
// its last occurrence where there are several, and denied ones never ("it can't be B", "many pick
// B"). A response that weighs options and decides on none leaves the rule undecided.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>

#include "base/string_util.h"
#include "rules/options.h"
#include "rules/regex_cache.h"
#include "rules/registry.h"
#include "text/segmentation.h"

namespace iie {
namespace {

// In the patterns below, L is one option's letter in the case that the question has it, and M what
// may stand around it. SET is one letter or several: "A and C", A、C, AC.
constexpr std::string_view kMarksBefore = R"([\s*_(（\[【「“"'‘$<]*)";
constexpr std::string_view kMarksAfter = R"([)）\]】」”"'’*_$}]*)";
// "B (18)", D（1712年）.
constexpr std::string_view kAside = R"((?: ?[(（][^)）\n]{1,40}[)）])?)";
constexpr std::string_view kOneOrMore =
    R"([L](?:(?:,\s*[L])*,?\s*(?:and|&|plus)\s*(?:option |choice )?[L]|(?:\s*[、/和与及]\s*[L])+|[L]+)?)";

// What announces a decision, in front of the letter.
constexpr auto kAnnouncedEnglish = std::to_array<std::string_view>({
    // "the correct answer is", "Answer:", "the option that fits is", "my pick would be"
    R"(\b(?:answer|choice|option|pick|guess|selection)(?: here| then| overall| that (?:fits|works|matches|remains)(?: best)?)*[*_]*(?:\s*(?:is|would be|must be|should be|has to be|can only be|remains|=|:|：))+(?: therefore| thus| then| clearly| indeed| still)?)",
    R"(\b(?:final |correct |right |my )answer\b)",
    R"((?:^|[\n.!?。] *)[*_#> ]*answer\b)",
    R"(<answer>)",
    // "I'd go with", "I choose", "so mark", "my vote goes to"
    R"(\bi(?:'d|’d|'ll|’ll| would| will| have to| must)?(?: have to| probably| still| therefore| simply| also)*(?: choose| select| pick| go with| say| settle (?:for|on)| opt for| vote for| answer(?: with)?)(?: for)?)",
    R"(\b(?:go(?:ing)? with|choose|choosing|select|pick|picking|mark|tick|circle|settl(?:e|ing) (?:for|on)|opt(?:ing)? for|vote (?:goes to|is for)))",
    // "that leaves", "we're left with", "it has to be"
    R"(\b(?:leaves|leaving|left with)(?: us with| me with| only| just)*)",
    R"(\b(?:has to be|have to be|must be|can only be|it is|it's|it’s|it should be)(?: only| therefore| clearly)?)",
    R"(\bcorresponds? to|\b(?:that|this|which) (?:would be|is|makes it)|\b(?:statement|one|option|choice) that [^.,\n]{1,30} is)",
    R"(\b(?:closest|nearest|best|correct|right)(?: one| match| fit| approximation| value)?(?: is|:|：))",
});
constexpr auto kAnnouncedChinese = std::to_array<std::string_view>({
    R"((?:答案|正确的?(?:选项)?|最接近的?(?:选项|答案)?|最[^，。；\s]{1,8}的(?:选项|答案)?)(?:应该?|就|只能)?(?:是|为|选|[:：])+)",
    R"(答案(?:显而易见|很明显|很明确|很清楚|已经很清楚)?|最接近的|(?:只剩下?|剩下的?只有|剩下的?)(?:是|选项)*)",
    R"((?:我(?:认为|觉得|猜|想)|毫无疑问|无疑|只能|必(?:须|定|然)|应该?|应当|就)(?:应该?|就)?(?:是|为))",
    R"(对应(?:的)?(?:是|选项)*|选择?(?:是|为|[:：])?|[√✓✔✅])",
});
// What announces it behind the letter.
constexpr auto kAnnouncedBehind = std::to_array<std::string_view>({
    // "B it is", "B comes closest", "only B survives", "B will have to do"
    R"((?i: it is\b| comes (?:the )?(?:closest|nearest)| fits best| (?:survives|wins)\b| will have to do| is (?:left|the one)\b| is what i\b))",
    R"((?i: is (?:clearly |therefore |thus )*(?:the |my )?(?:best|closest|nearest|most (?:likely|accurate|appropriate|suitable))))",
    R"((?i: is (?:the |my )(?:final |correct |right )?(?:answer|choice|pick)))",
    R"((?:选项|项)?(?:是|为|就是)?(?:最(?:接近|合适|佳|符合|恰当)|正确答案|答案))",
});
// "so C.": nothing behind it but the sentence's end.
constexpr std::string_view kTherefore = R"((?i:\b(?:so|therefore|thus|hence|ergo))[,:]?)";
// What says of an option that it is right.
constexpr auto kVerdicts = std::to_array<std::string_view>({
    R"((?i: (?:is|are)(?: both| clearly| therefore| thus| indeed| definitely| actually| the only| the| one| only)*(?: (?:correct|right|true|accurate|valid|acceptable)\b)| works\b| fits\b))",
    R"((?:两项|选项|项)?(?:都|均|也|才)?(?:是|为)?(?:正确|对的|成立|符合[^，。；\s]{0,6}|可以接受|对)(?:的)?(?:[，。；;,.！!\s、）)]|选项|答案|$))",
    R"(\s*[(（]?\s*[√✓✔✅])",
});
// A line that is an option and nothing in front of it: "B", "B. 45", "(B) 45", "**B**", "B。因为".
constexpr std::string_view kBareLine =
    R"((?m)^[\s*_>#(（\[【"“$]*(?i:option |choice |选项)?(?:\\boxed\{|\\text\{|\\mathrm\{)*([L])(?:[)）\]】*_"”$}]*[.．、:：。]?[)）\]】*_"”$}]*\s*$|选项|[.．、:：。)）\]】][*_]*\s*\S|["”],|["”]?, (?i:since|because|as|though|although|given|obviously|of course|definitely|i think|i believe)\b))";
// A last sentence of one letter: "Not B. C."
constexpr std::string_view kLastWord =
    R"((?:^|[.!?。！？\n])[\s*_("“（]*([L])[)*_"”）]*[.。!！]?[*_]*\s*$)";
// An option spoken of as one, in front of a letter or behind it.
constexpr std::string_view kSpokenOf =
    R"((?i:\b(?:options?|choices?|answers?|letters?)[ :]*)[*_("“]*[L](?:[^\p{L}\p{N}]|$)|选项[*_(（“"]*[L]|(?:^|[^\p{L}\p{N}])[L](?:选项|项)|[(（][L][)）])";

template <std::size_t N>
std::string any_of(const std::array<std::string_view, N>& patterns) {
  return join(std::vector<std::string>(patterns.begin(), patterns.end()), "|");
}

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); });
}

// The clause up to `end`, folded: behind the last mark, line or turn in front of `begin`.
std::string clause_before(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t kReach = 160;
  std::size_t from = begin > kReach ? begin - kReach : 0;
  while (from < begin && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  const std::string lead = normalize(text.substr(from, begin - from), Case::fold);
  std::string_view clause = lead;
  for (const std::string_view turn : {",", ";", ". ", "\n", "。", "!", "?", "、", " but ", " so ",
                                      "但", "而是", "所以", "因此"}) {
    const std::size_t at = clause.rfind(turn);
    if (at != std::string_view::npos) clause.remove_prefix(at + turn.size());
  }
  return " " + std::string(clause) + normalize(text.substr(begin, end - begin), Case::fold);
}

// "If price matters, pick A; if quality does, pick C": advice that depends is no decision. "If I
// had to choose" is one.
bool conditional(std::string_view text, std::size_t begin) {
  constexpr std::size_t kReach = 200;
  std::size_t from = begin > kReach ? begin - kReach : 0;
  while (from < begin && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  const std::string lead = normalize(text.substr(from, begin - from), Case::fold);
  std::string_view sentence = lead;
  for (const std::string_view end : {". ", "!", "?", ";", "\n", "。"}) {
    const std::size_t at = sentence.rfind(end);
    if (at != std::string_view::npos) sentence.remove_prefix(at + end.size());
  }
  static constexpr auto kForced = std::to_array<std::string_view>(
      {"if i had to", "if i have to", "if forced", "if i must", "if pressed", "if you want me",
       "如果一定要", "如果非要", "如果必须", "如果只能", "如果要我", "若要我", "若必须", "若一定"});
  static constexpr auto kIf = std::to_array<std::string_view>(
      {"if you ", "if your ", "if price", "if speed", "如果您", "如果你", "如果看重", "如果更",
       "若看重", "若更", "要是你", "要是您", "如果追求", "如果注重", "如果优先"});
  return contains_any(sentence, kIf) && !contains_any(sentence, kForced);
}

// "A" in front of a noun is an article: "the answer is A Tale of Two Cities", "A group of people".
bool is_article(std::string_view text, std::size_t begin, std::size_t end) {
  if (end - begin != 1 || (text[begin] != 'A' && text[begin] != 'I')) return false;
  if (end + 1 >= text.size() || text[end] != ' ' || !is_ascii_alpha(text[end + 1])) return false;
  const std::string_view rest = text.substr(end + 1);
  const std::string word = ascii_lower(rest.substr(0, rest.find_first_of(" ,.;:!?\n)")));
  static constexpr auto kBehindLetters = std::to_array<std::string_view>(
      {"is",    "was",   "are",   "and",  "or",   "nor",     "but",  "not",     "because", "since",
       "as",    "which", "for",   "with", "here", "instead", "then", "rather",  "has",     "it",
       "comes", "fits",  "works", "by",   "on",   "does",    "must", "should",  "isn't",   "plus",
       "due",   "while", "in",    "if",   "over", "than",    "even", "although"});
  return std::ranges::find(kBehindLetters, word) == kBehindLetters.end();
}

// What is announced or said is denied, or is somebody else's or an earlier choice.
bool denied(std::string_view text, std::size_t begin, std::size_t end) {
  static constexpr auto kNo = std::to_array<std::string_view>(
      {" not ",         "n't ",        "n’t ",        "cannot",    "neither ", " nor ",
       "never ",        "wrong to ",   "tempt",       "mistake",   " trap",    "avoid ",
       "rather than",   "instead of ", " people ",    "students ", " others ", " many ",
       "first thought", "at first",    "initially",   "不选",      "不能选",   "不应",
       "不是",          "并非",        "而非",        "无法选",    "不该选",   "没法选",
       "不会选",        "别选",        "误选",        "错选",      "想选",     "很多人",
       "有人",          "不可能",      "一开始",      "容易选",    "不为",     "如果选",
       "若选",          " if you ",    "would be if", "不要选",    "不宜选",   "没有选"});
  if (contains_any(clause_before(text, begin, end), kNo)) return true;
  // What follows takes it back: "B is wrong", "B 也不对", "B?".
  std::string_view rest = text.substr(end, 80);
  rest = rest.substr(0, rest.find('\n'));
  const std::string form = normalize(rest, Case::fold);
  std::string_view after = trim(form);
  while (!after.empty() && std::string_view("*_)\"'$}]").find(after.front()) != after.npos) {
    after = trim(after.substr(1));
  }
  static constexpr auto kTakenBack = std::to_array<std::string_view>({"?",
                                                                      "is not",
                                                                      "isn't",
                                                                      "is wrong",
                                                                      "is incorrect",
                                                                      "is too",
                                                                      "is also wrong",
                                                                      "would be wrong",
                                                                      ", but that",
                                                                      ", but it",
                                                                      ", which is wrong",
                                                                      ",但",
                                                                      "不对",
                                                                      "也不对",
                                                                      "不正确",
                                                                      "是错",
                                                                      "错误",
                                                                      "选项错误",
                                                                      "项错误",
                                                                      "是不对",
                                                                      "都不",
                                                                      "均不",
                                                                      "是不正确",
                                                                      "也不正确",
                                                                      "四个选项",
                                                                      "各选项",
                                                                      "were ",
                                                                      "的同学",
                                                                      "的人"});
  return starts_with_any(after, kTakenBack);
}

struct Settled {
  std::string letters;  // one, or several that were chosen together
  std::string shown;
  std::size_t at = 0;
};

// A pattern with its letters filled in; the first group is the letters.
std::shared_ptr<const RE2> pattern(std::string text, std::string_view letters) {
  for (const auto& [slot, value] :
       {std::pair<std::string_view, std::string_view>{"SET", kOneOrMore}, {"L", letters}}) {
    const std::string name = slot == "L" ? "[L]" : std::string(slot);
    const std::string with = slot == "L" ? fmt::format("[{}]", value) : std::string(value);
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += with.size()) {
      text.replace(at, name.size(), with);
    }
  }
  return shared_regex(text);
}

// The patterns of one set of letters.
struct Patterns {
  explicit Patterns(std::string_view letters)
      : announced(pattern(
            fmt::format(
                R"((?:(?i:{})|{})[\s*_:：=】\]]*(?i:option |choice |letter |选项 ?)?{}(?:\\boxed\{{|\\text(?:bf)?\{{|\\mathrm\{{)*(SET))",
                any_of(kAnnouncedEnglish), any_of(kAnnouncedChinese), kMarksBefore),
            letters)),
        small(pattern(
            fmt::format(
                R"((?i)(?:\banswer(?: is|:|：)+|答案[是为:：]+)[\s*_]*\(?([L])\)?[*_]*[\s.。]*(?:\n|$))"),
            letters)),
        boxed(
            pattern(R"(\\boxed\{\s*(?:\\text(?:bf)?\{|\\mathrm\{|\\mathbf\{|\()*(SET))", letters)),
        behind(pattern(fmt::format(R"((?:^|[^A-Za-z0-9'’])(SET){}{}(?:{}))", kMarksAfter, kAside,
                                   any_of(kAnnouncedBehind)),
                       letters)),
        therefore(pattern(fmt::format(R"({}{}(?i:option )?(SET){}\s*(?:[.!。！\n]|$))", kTherefore,
                                      kMarksBefore, kMarksAfter),
                          letters)),
        verdict(pattern(fmt::format(R"((?:^|[^A-Za-z0-9'’]|选项)(SET){}{}(?:{}))", kMarksAfter,
                                    kAside, any_of(kVerdicts)),
                        letters)),
        bare(pattern(std::string(kBareLine), letters)),
        last_word(pattern(std::string(kLastWord), letters)),
        spoken_of(pattern(std::string(kSpokenOf), letters)),
        alone(pattern(R"((?:^|[^A-Za-z0-9'’])([L])(?:[^A-Za-z0-9'’]|$))", letters)) {}

  std::shared_ptr<const RE2> announced;
  std::shared_ptr<const RE2> small;  // "answer: b"
  std::shared_ptr<const RE2> boxed;
  std::shared_ptr<const RE2> behind;
  std::shared_ptr<const RE2> therefore;
  std::shared_ptr<const RE2> verdict;
  std::shared_ptr<const RE2> bare;
  std::shared_ptr<const RE2> last_word;
  std::shared_ptr<const RE2> spoken_of;
  std::shared_ptr<const RE2> alone;
};

struct Choice {
  std::shared_ptr<const Patterns> patterns;
  std::string letters;
  std::vector<std::string> wanted;  // letters; empty: none may be chosen

  // The letter's neighbours make it a letter: "AB" of "ABS" is none, nor the 3 of "3.5".
  static bool stands_alone(std::string_view text, std::size_t end) {
    if (text.substr(end).starts_with("项") || text.substr(end).starts_with("选项")) return true;
    if (end >= text.size()) return true;
    std::size_t at = end;
    const char32_t next = next_code_point(text, at);
    if (next == '.' && at < text.size() && is_ascii_digit(text[at])) return false;
    if (is_unspaced_letter(next)) return true;
    if (next == '\'' || next == U'’') {
      return at >= text.size() || !is_ascii_alpha(text[at]);
    }
    return !is_letter_or_digit(next);
  }

  // "A or B" chooses neither.
  bool torn(std::string_view text, std::size_t end) const {
    const std::string_view rest = text.substr(end, 24);
    if (rest.starts_with("还是")) return true;
    for (const std::string_view word :
         {" or ", "或者", "或", " or option ", ") or (", "** or **"}) {
      if (rest.starts_with(word) && rest.size() > word.size() &&
          letters.find(rest[word.size()]) != std::string::npos) {
        return stands_alone(text, end + word.size() + 1);
      }
    }
    return false;
  }

  std::string letters_in(std::string_view set) const {
    std::string out;
    for (std::size_t i = 0; i < set.size(); ++i) {
      const bool joined =
          (i > 0 && is_ascii_alpha(set[i - 1]) && !is_letter(set, i - 1)) ||
          (i + 1 < set.size() && is_ascii_alpha(set[i + 1]) && !is_letter(set, i + 1));
      if (!joined && is_letter(set, i) && out.find(set[i]) == std::string::npos) out += set[i];
    }
    return out;
  }
  bool is_letter(std::string_view text, std::size_t at) const {
    return letters.find(text[at]) != std::string::npos;
  }

  // Every match that stands, in order; `chosen`: without those that leave it open ("A or B").
  template <typename Visit>
  void each(const RE2& regex, std::string_view all, const Visit& visit, bool chosen = true) const {
    const re2::StringPiece text(all.data(), all.size());
    re2::StringPiece match[2];
    for (std::size_t at = 0;
         at < text.size() && regex.Match(text, at, text.size(), RE2::UNANCHORED, match, 2);) {
      const auto begin = static_cast<std::size_t>(match[0].data() - text.data());
      const auto letter = static_cast<std::size_t>(match[1].data() - text.data());
      const std::size_t end = letter + match[1].size();
      if (stands_alone(all, end) && !is_article(all, letter, end) && !(chosen && torn(all, end))) {
        visit(begin, letter, end, begin + match[0].size());
      }
      at = end;
    }
  }

  Settled settled_at(std::string_view all, std::size_t begin, std::size_t letter, std::size_t end,
                     std::size_t stop) const {
    return {letters_in(all.substr(letter, end - letter)),
            one_line(trim(all.substr(begin, stop - begin)), 60), letter};
  }

  std::optional<Settled> announced(std::string_view all) const {
    std::optional<Settled> last;
    const auto take = [&](Settled found) {
      if (!found.letters.empty() && (!last || found.at >= last->at)) last = std::move(found);
    };
    each(*patterns->announced, all, [&](auto begin, auto letter, auto end, auto stop) {
      if (!denied(all, begin, end) && !conditional(all, begin)) {
        take(settled_at(all, begin, letter, end, stop));
      }
    });
    each(*patterns->boxed, all, [&](auto begin, auto letter, auto end, auto stop) {
      take(settled_at(all, begin, letter, end, stop));
    });
    each(*patterns->therefore, all, [&](auto begin, auto letter, auto end, auto stop) {
      take(settled_at(all, begin, letter, end, stop));
    });
    each(*patterns->behind, all, [&](auto begin, auto letter, auto end, auto stop) {
      if (!denied(all, letter, stop)) take(settled_at(all, begin, letter, end, stop));
    });
    each(*patterns->small, all, [&](auto begin, auto letter, auto, auto stop) {
      std::string upper(1, all[letter]);
      for (const char c : letters) {
        if (ascii_lower(std::string_view(&c, 1)) == ascii_lower(upper)) upper[0] = c;
      }
      if (!denied(all, begin, letter)) {
        take({upper, one_line(trim(all.substr(begin, stop - begin)), 60), letter});
      }
    });
    return last;
  }

  // The only option that is called right; several of them settle nothing.
  std::optional<Settled> called_right(std::string_view all) const {
    std::optional<Settled> found;
    bool several = false;
    each(*patterns->verdict, all, [&](auto begin, auto letter, auto end, auto stop) {
      if (denied(all, letter, end)) return;
      // In front of a list's last letter stand others: "B, C and D are right".
      Settled one = settled_at(all, begin, letter, end, stop);
      several = several || (found && found->letters != one.letters);
      found = std::move(one);
    });
    return several ? std::nullopt : found;
  }

  // A response of one letter, or whose first or last line is an option, and no other line is (a
  // list of all options settles on none).
  std::optional<Settled> bare_line(std::string_view all) const {
    int options = 0;
    std::optional<Settled> found;
    const auto rows = lines(all);
    re2::StringPiece match[2];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view row = rows[i].of(all);
      const re2::StringPiece piece(row.data(), row.size());
      if (!patterns->bare->Match(piece, 0, piece.size(), RE2::UNANCHORED, match, 2)) continue;
      const auto letter = static_cast<std::size_t>(match[1].data() - row.data());
      // "A、B、C、D四个选项" lists them; "B选项错误" judges one.
      const std::string_view rest = row.substr(letter + 1);
      if (rest.starts_with("、") && rest.size() > 3 && letters.find(rest[3]) != letters.npos)
        continue;
      if (denied(row, letter, letter + 1)) continue;
      ++options;
      if (i == 0 || i + 1 == rows.size()) {
        found = Settled{std::string(match[1].data(), match[1].size()), one_line(row, 60), 0};
      }
    }
    if (options == 1 && found) return found;
    if (options > 1) return std::nullopt;
    each(*patterns->last_word, all, [&](auto begin, auto letter, auto end, auto stop) {
      found = settled_at(all, begin, letter, end, stop);
    });
    return found;
  }

  std::optional<Settled> settled(std::string_view all) const {
    if (auto found = announced(all)) return found;
    if (auto found = called_right(all)) return found;
    return bare_line(all);
  }

  // Says that it chooses none, or that none is right.
  static std::optional<std::string> refusal(std::string_view all) {
    if (const auto found = rejection(all)) return one_line(*found, 60);
    static constexpr auto kRefusals =
        std::to_array<std::string_view>({"can't pick",
                                         "cannot pick",
                                         "can't choose",
                                         "cannot choose",
                                         "won't choose",
                                         "not choose",
                                         "wrong to choose",
                                         "i don't know",
                                         "i do not know",
                                         "don't have enough information",
                                         "not able to determine",
                                         "unable to determine",
                                         "cannot determine",
                                         "can't determine",
                                         "不选",
                                         "都不能选",
                                         "无法选择",
                                         "不知道",
                                         "all miss",
                                         "all fail",
                                         "都不对",
                                         "全错"});
    const std::string form = search_form(all, Case::fold, true);
    for (const std::string_view words : kRefusals) {
      if (form.find(words) != std::string::npos) return std::string(words);
    }
    return std::nullopt;
  }

  // "Not A, not B, ...", "none of it is A, B, C or D": every letter is denied. Within a list what
  // is said of the first is said of all.
  bool denies_all(std::string_view all) const {
    std::set<char> denied_letters;
    std::size_t last_end = 0;
    bool last_denied = false;
    each(
        *patterns->alone, all,
        [&](auto, auto letter, auto end, auto) {
          const std::string_view between = all.substr(last_end, letter - last_end);
          const bool listed =
              last_denied && RE2::FullMatch({between.data(), between.size()},
                                            R"([\s,、]*(?:or|nor|and|或|和|与)?[\s,、]*)");
          last_denied = listed || denied(all, letter, end);
          last_end = end;
          if (last_denied) denied_letters.insert(all[letter]);
        },
        false);
    return denied_letters.size() == letters.size();
  }

  // "The result is 18 g": an answer that is no letter.
  static bool gives_other_result(std::string_view all) {
    static const RE2 result(
        R"((?i:\b(?:result|value|answer)(?: is| would be| should be| must be|:)+ *[*_]*(?:about |roughly )?[-\d$])|(?:结果|答案|正确值|数值)(?:应该?)?(?:是|为|[:：])+[*_]*[-\d])");
    return RE2::PartialMatch({all.data(), all.size()}, result);
  }

  // Options are spoken of: one as "option B", or two or more letters.
  bool weighs(std::string_view all) const {
    if (RE2::PartialMatch({all.data(), all.size()}, *patterns->spoken_of)) return true;
    std::set<char> seen;
    each(
        *patterns->alone, all, [&](auto, auto letter, auto, auto) { seen.insert(all[letter]); },
        false);
    return seen.size() > 1;
  }

  Finding operator()(const ResponseView& view) const {
    const std::string_view text = view.text();
    if (trim(text).empty()) return Finding::broken("the response is blank");
    if (const auto found = settled(text)) {
      const std::string reason = fmt::format("settles on {}: \"{}\"", found->letters, found->shown);
      const bool right = std::ranges::all_of(found->letters, [&](char letter) {
        return std::ranges::find(wanted, std::string(1, letter)) != wanted.end();
      });
      return right ? Finding::met(reason) : Finding::broken(reason);
    }
    if (const auto words = refusal(text)) {
      const std::string reason = fmt::format("settles on no option: \"{}\"", *words);
      return wanted.empty() ? Finding::met(reason) : Finding::broken(reason);
    }
    if (denies_all(text) || (wanted.empty() && gives_other_result(text))) {
      const std::string reason = "settles on no option: denies each, or gives a result of its own";
      return wanted.empty() ? Finding::met(reason) : Finding::broken(reason);
    }
    if (!weighs(text)) {
      if (wanted.empty()) return Finding::met("settles on no option");
      static constexpr auto kGivesUp =
          std::to_array<std::string_view>({"can't tell", "cannot tell", "can't say", "cannot say",
                                           "not sure", "无法判断", "无法确定", "不确定"});
      if (contains_any(normalize(text, Case::fold), kGivesUp)) {
        return Finding::broken("settles on no option: gives up");
      }
    }
    return Finding::undecided("settles on no option, and does not say that none is right");
  }
};

bool are_letters(std::string_view letters) {
  return letters.size() >= 2 && std::ranges::all_of(letters, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_ascii_digit(c);
         });
}

CompiledRule compile_choice(JsonFields& params) {
  Choice rule;
  rule.letters = params.has("of") ? params.required_string("of") : "ABCD";
  const bool sound = are_letters(rule.letters);
  if (!sound) params.reject("of", "expected two or more letters or digits, such as \"ABCD\"");
  rule.wanted = read_texts(params, "is", true);
  if (rule.wanted == std::vector<std::string>{"none"}) {
    rule.wanted.clear();
  } else {
    for (const std::string& letter : rule.wanted) {
      if (letter.size() != 1 || rule.letters.find(letter) == std::string::npos) {
        params.reject("is", fmt::format("'{}' is neither \"none\" nor one of {}",
                                        one_line(letter, 20), one_line(rule.letters, 40)));
      }
    }
  }
  rule.patterns = std::make_shared<const Patterns>(sound ? rule.letters : "AB");
  return rule;
}

}  // namespace

std::function<bool(std::string_view)> settles_on_any(std::string_view letters) {
  if (!are_letters(letters)) return {};
  Choice rule;
  rule.letters = letters;
  rule.patterns = std::make_shared<const Patterns>(rule.letters);
  return [rule](std::string_view text) { return rule.settled(text).has_value(); };
}

RuleFamily choice_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"choice", R"({"of"?: "ABCD", "is": "none"|letter|[letters]})",
        "the response settles on one of the options `is`, or on none; undecided where it weighs "
        "options and decides on none"},
       &compile_choice},
  });
  return kRules;
}

}  // namespace iie
