// language-detection's method (Nakatani, "Language Detection Library for Java", 2010): a naive
// Bayes classifier over n-grams of one to three characters. It draws n-grams of the text by chance
// until one language is certain, seven times over, and takes the mean. langdetect draws differently
// in every run unless it is seeded; we draw what it draws with DetectorFactory.seed = 0.
#include "text/language_id.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/embedded.h"
#include "base/string_util.h"
#include "text/python_random.h"
#include "text/python_text.h"
#include "text/unicode.h"

namespace iie {
namespace {

constexpr std::size_t kMaxNgram = 3;
constexpr std::size_t kMaxLanguages = 56;       // there are 55 profiles
constexpr std::size_t kMaxCharacters = 10'000;  // of a text; the rest is not looked at
constexpr int kTrials = 7;
constexpr int kMaxDraws = 1000;
constexpr double kCertain = 0.99999;
constexpr double kPlausible = 0.1;
constexpr double kAlpha = 0.5;
constexpr double kAlphaWidth = 0.05;
constexpr double kBaseFrequency = 10'000;

// Most n-grams are ASCII letters and spaces, which index a table of their own: as digits of a
// number, so that none of them is 0 ("a" and " a" differ).
constexpr std::size_t kDigits = 54;
constexpr std::array<std::uint8_t, 128> kDigitOf = [] {
  std::array<std::uint8_t, 128> digits{};
  std::uint8_t next = 1;
  digits[' '] = next++;
  for (char c = 'A'; c <= 'Z'; ++c) digits[static_cast<std::size_t>(c)] = next++;
  for (char c = 'a'; c <= 'z'; ++c) digits[static_cast<std::size_t>(c)] = next++;
  return digits;
}();
// 0 for what is no ASCII letter or space.
std::size_t digit(char32_t c) { return c < kDigitOf.size() ? kDigitOf[c] : 0; }

constexpr std::string_view kProfileFolder = "langdetect/profiles/";

// How probable each n-gram is in each language. An n-gram is a number, its row; 0 is none.
class Profiles {
 public:
  struct Share {
    std::uint32_t language = 0;
    double probability = 0;
  };

  Profiles() : plain_(kDigits * kDigits * kDigits) {
    struct Entry {
      std::uint32_t row;
      Share share;
    };
    std::vector<Entry> entries;
    entries.reserve(190'000);
    rows_.reserve(90'000);
    std::uint32_t language = 0;
    std::vector<std::uint32_t> sizes{0};
    for (const std::string_view path : embedded_files(kProfileFolder)) {
      if (language == kMaxLanguages) break;
      for_each_ngram(embedded_file(path).value_or(""),
                     [&](std::u32string_view ngram, double probability) {
                       std::uint32_t& row = slot(ngram);
                       if (row == 0) {
                         row = static_cast<std::uint32_t>(sizes.size());
                         sizes.push_back(0);
                       }
                       ++sizes[row];
                       entries.push_back({row, {language, probability}});
                     });
      ++language;
    }
    begins_.resize(sizes.size() + 1);
    for (std::size_t row = 0; row < sizes.size(); ++row) {
      begins_[row + 1] = begins_[row] + sizes[row];
    }
    shares_.resize(entries.size());
    std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
    for (const Entry& entry : entries) shares_[next[entry.row]++] = entry.share;
  }

  // The row of one to three characters; find_plain of their digits, none of which may be 0.
  std::uint32_t find(std::u32string_view ngram) const {
    if (const std::size_t index = plain_index(ngram)) return plain_[index];
    const auto found = rows_.find(key(ngram));
    return found == rows_.end() ? 0 : found->second;
  }
  std::uint32_t find_plain(std::size_t digits) const { return plain_[digits]; }
  std::span<const Share> shares(std::uint32_t row) const {
    return std::span(shares_).subspan(begins_[row], begins_[row + 1] - begins_[row]);
  }

 private:
  // One profile: {"freq": {NGRAM: count...}, "n_words": [count by length]...}. Each file is one of
  // ours and a test reads them all, so that one which cannot be read adds nothing.
  template <typename F>
  static void for_each_ngram(std::string_view json, F&& take) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(json);
    simdjson::dom::element profile;
    if (parser.parse(padded).get(profile) != simdjson::SUCCESS) return;
    std::array<double, kMaxNgram> totals{};
    for (std::size_t i = 0; i < kMaxNgram; ++i) {
      if (profile["n_words"].at(i).get(totals[i]) != simdjson::SUCCESS) return;
    }
    simdjson::dom::object ngrams;
    if (profile["freq"].get(ngrams) != simdjson::SUCCESS) return;
    for (const auto field : ngrams) {
      const std::u32string characters = python_characters(field.key);
      double count = 0;
      if (characters.empty() || characters.size() > kMaxNgram ||
          field.value.get(count) != simdjson::SUCCESS) {
        continue;
      }
      take(characters, count / totals[characters.size() - 1]);
    }
  }

  // 0 where one of the characters is not plain.
  static std::size_t plain_index(std::u32string_view ngram) {
    std::size_t index = 0;
    for (const char32_t c : ngram) {
      if (digit(c) == 0) return 0;
      index = index * kDigits + digit(c);
    }
    return index;
  }
  static std::uint64_t key(std::u32string_view ngram) {
    std::uint64_t key = 0;
    for (const char32_t c : ngram) key = key << 21 | c;
    return key;
  }

  std::uint32_t& slot(std::u32string_view ngram) {
    const std::size_t index = plain_index(ngram);
    return index > 0 ? plain_[index] : rows_[key(ngram)];
  }

  std::vector<std::uint32_t> plain_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;
  std::vector<std::uint32_t> begins_;
  std::vector<Share> shares_;
};

const Profiles& profiles() {
  static const Profiles loaded;
  return loaded;
}

const std::unordered_map<char32_t, char32_t>& kanji() {
  static const std::unordered_map<char32_t, char32_t> all = [] {
    std::unordered_map<char32_t, char32_t> map;
    for (const std::string_view line :
         split(embedded_file("langdetect/kanji.txt").value_or(""), '\n')) {
      const std::u32string characters = python_characters(line);
      for (const char32_t c : characters) map.insert_or_assign(c, characters.front());
    }
    return map;
  }();
  return all;
}

bool in_class(char c, std::string_view marks) {
  return is_ascii_alnum(c) || marks.find(c) != std::string_view::npos;
}

// How many characters from `at`, at most `limit`, are ASCII letters, digits or `marks`.
std::size_t run_length(std::string_view text, std::size_t at, std::string_view marks,
                       std::size_t limit) {
  std::size_t length = 0;
  while (length < limit && at + length < text.size() && in_class(text[at + length], marks)) {
    ++length;
  }
  return length;
}

// https?://[-_.?&~;+=/#0-9A-Za-z]{1,2076} -> [ ]
std::string without_urls(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find("http"); at != std::string_view::npos;) {
    std::size_t end = at + 4;
    if (text.substr(end).starts_with('s')) ++end;
    std::size_t length = 0;
    if (text.substr(end).starts_with("://")) {
      end += 3;
      length = run_length(text, end, "-_.?&~;+=/#", 2076);
    }
    if (length > 0) {
      out.append(text, copied, at - copied).push_back(' ');
      copied = end + length;
    }
    at = text.find("http", length > 0 ? copied : at + 1);
  }
  return out.append(text, copied);
}

// [-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255} -> [ ]
std::string without_addresses(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at < copied) continue;
    std::size_t begin = at;
    while (begin > copied && at - begin < 64 && in_class(text[begin - 1], "-_.")) --begin;
    const std::size_t host = run_length(text, at + 1, "-_", 255);
    const std::size_t rest = run_length(text, at + 1 + host, "-_.", 255);
    // The second class takes one character of the first where nothing else is left for it.
    if (begin == at || host == 0 || host + rest < 2) continue;
    out.append(text, copied, begin - copied).push_back(' ');
    copied = at + 1 + host + rest;
  }
  return out.append(text, copied);
}

constexpr std::u32string_view kVietnameseLetters = U"AEIOUYaeiouyÂÊÔâêôĂăƠơƯư";
constexpr std::u32string_view kVietnameseMarks = U"\u0300\u0301\u0303\u0309\u0323";
constexpr std::array<std::u32string_view, 5> kVietnameseComposed = {
    U"ÀÈÌÒÙỲàèìòùỳẦỀỒầềồẰằỜờỪừ", U"ÁÉÍÓÚÝáéíóúýẤẾỐấếốẮắỚớỨứ", U"ÃẼĨÕŨỸãẽĩõũỹẪỄỖẫễỗẴẵỠỡỮữ",
    U"ẢẺỈỎỦỶảẻỉỏủỷẨỂỔẩểổẲẳỞởỬử", U"ẠẸỊỌỤỴạẹịọụỵẬỆỘậệộẶặỢợỰự"};

// `letter` with the tone mark behind it, if Vietnamese writes them as one; else `letter`.
char32_t composed(char32_t letter, std::string_view text, std::size_t& at) {
  const std::size_t index = kVietnameseLetters.find(letter);
  if (index == std::u32string_view::npos) return letter;
  std::size_t next = at;
  const std::size_t mark = kVietnameseMarks.find(next_code_point(text, next));
  if (mark == std::u32string_view::npos) return letter;
  at = next;
  return kVietnameseComposed[mark][index];
}

// The text's characters as langdetect looks at them: Vietnamese letters composed with their tone
// marks, runs of spaces made one, at most kMaxCharacters (counted before spaces go, as there).
std::u32string prepared(std::string_view text) {
  const std::string plain = without_addresses(without_urls(text));
  std::u32string out;
  out.reserve(std::min(plain.size(), kMaxCharacters));
  std::size_t taken = 0;
  char32_t previous = 0;
  for (std::size_t at = 0; at < plain.size() && taken < kMaxCharacters; ++taken) {
    char32_t c = static_cast<unsigned char>(plain[at]);
    if (c < 0x80) {
      ++at;
    } else {
      c = next_code_point(plain, at);
    }
    if (at < plain.size() && plain[at] == '\xCC') c = composed(c, plain, at);
    if (c != U' ' || previous != U' ') out.push_back(c);
    previous = c;
  }
  return out;
}

// Without Latin letters where the text is mostly in another script. As there: [ \ ] ^ _ ` count as
// Latin letters, and letters with Vietnamese marks as others.
void drop_stray_latin(std::u32string& text) {
  const auto is_latin = [](char32_t c) { return c >= U'A' && c <= U'z'; };
  const auto latin = std::ranges::count_if(text, is_latin);
  const auto other = std::ranges::count_if(text, [](char32_t c) { return c >= 0x300; });
  if (latin * 2 < other) std::erase_if(text, is_latin);
}

// The character that stands for `c` in the profiles.
char32_t normalized(char32_t c) {
  if (c < 0x80) return is_ascii_alpha(static_cast<char>(c)) ? c : U' ';
  if (c < 0x100) return c == 0xA0 || c == 0xAB || c == 0xB0 || c == 0xBB ? U' ' : c;
  if (c == 0x219) return 0x15F;  // Romanian: comma below as cedilla
  if (c == 0x21B) return 0x163;
  if (c >= 0x2000 && c <= 0x206F) return U' ';
  if (c == 0x6CC) return 0x64A;                   // Farsi yeh as Arabic yeh
  if (c >= 0x1EA0 && c <= 0x1EFF) return 0x1EC3;  // Vietnamese
  if (c >= 0x3040 && c <= 0x309F) return 0x3042;  // hiragana
  if (c >= 0x30A0 && c <= 0x30FF) return 0x30A2;  // katakana
  if ((c >= 0x3100 && c <= 0x312F) || (c >= 0x31A0 && c <= 0x31BF)) return 0x3105;  // bopomofo
  if (c >= 0x4E00 && c <= 0x9FFF) {
    const auto found = kanji().find(c);
    return found == kanji().end() ? c : found->second;
  }
  if (c >= 0xAC00 && c <= 0xD7AF) return 0xAC00;  // hangul
  return c;
}

// The rows of the text's n-grams that some language knows, as often as they occur. Words begin with
// a space; from the second of several capitals in a row on, none are taken.
std::vector<std::uint32_t> known_ngrams(std::u32string_view text) {
  std::vector<std::uint32_t> found(text.size() * kMaxNgram);
  std::size_t count = 0;
  const Profiles& known = profiles();
  std::array<char32_t, kMaxNgram> grams{U' '};
  std::size_t size = 1;
  std::size_t plain = 1;  // how many of the last characters are plain, at most kMaxNgram
  bool capitals = false;
  bool last_is_upper = false;
  for (const char32_t raw : text) {
    const char32_t c = normalized(raw);
    if (grams[size - 1] == U' ') {
      grams[0] = U' ';
      size = 1;
      plain = 1;
      capitals = false;
      if (c == U' ') continue;
    } else if (size == kMaxNgram) {
      grams[0] = grams[1];
      grams[1] = grams[2];
      --size;
    }
    grams[size++] = c;
    plain = digit(c) == 0 ? 0 : std::min(plain + 1, size);
    const bool upper = c < 0x80 ? c >= U'A' && c <= U'Z' : is_python_upper(c);
    capitals = upper && (capitals || last_is_upper);
    last_is_upper = upper;
    if (capitals) continue;
    std::size_t index = 0;
    std::size_t place = 1;
    for (std::size_t n = 1; n <= size; ++n, place *= kDigits) {
      std::uint32_t row = 0;
      if (n <= plain) {
        index += digit(grams[size - n]) * place;
        row = known.find_plain(index);
      } else {
        row = known.find({grams.data() + size - n, n});
      }
      found[count] = row;
      if (row != 0 && (n > 1 || c != U' ')) ++count;  // a space alone is no n-gram
    }
  }
  found.resize(count);
  return found;
}

// One for each language, and zeros behind: a size known here lets the compiler use wide registers.
using Probabilities = std::array<double, kMaxLanguages>;

// Draws n-grams until one language is certain; what each language's probability is then.
Probabilities draw_until_certain(const std::vector<std::uint32_t>& ngrams, std::size_t languages,
                                 PythonRandom& random) {
  Probabilities probability{};
  std::fill_n(probability.begin(), languages, 1.0 / static_cast<double>(languages));
  const Profiles& known = profiles();
  const double weight = (kAlpha + random.gauss() * kAlphaWidth) / kBaseFrequency;
  for (int draw = 0;; ++draw) {
    const std::uint32_t row = ngrams[random.below(static_cast<std::uint32_t>(ngrams.size()))];
    // Every language times `weight` plus its share: those that have one are set aside meanwhile, so
    // that the others are one loop over wide registers.
    const std::span<const Profiles::Share> shares = known.shares(row);
    Probabilities aside;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      aside[i] = probability[shares[i].language] * (weight + shares[i].probability);
    }
    for (double& p : probability) p *= weight;
    for (std::size_t i = 0; i < shares.size(); ++i) probability[shares[i].language] = aside[i];
    if (draw % 5 != 0) continue;
    double sum = 0;
    for (const double p : probability) sum += p;
    for (double& p : probability) p /= sum;
    if (std::ranges::max(probability) > kCertain || draw >= kMaxDraws) return probability;
  }
}

}  // namespace

const std::vector<std::string_view>& detectable_languages() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> codes = embedded_files(kProfileFolder);
    for (std::string_view& code : codes) code.remove_prefix(kProfileFolder.size());
    return codes;
  }();
  return all;
}

std::optional<std::string> detect_language(std::string_view text) {
  std::u32string characters = prepared(text);
  drop_stray_latin(characters);
  const std::vector<std::uint32_t> ngrams = known_ngrams(characters);
  if (ngrams.empty()) return std::nullopt;

  static const PythonRandom seeded(0);
  PythonRandom random = seeded;
  const std::vector<std::string_view>& languages = detectable_languages();
  Probabilities mean{};
  for (int trial = 0; trial < kTrials; ++trial) {
    const Probabilities probability = draw_until_certain(ngrams, languages.size(), random);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += probability[i] / kTrials;
  }
  const auto best = std::ranges::max_element(mean);
  if (*best <= kPlausible) return "unknown";
  return std::string(languages[static_cast<std::size_t>(best - mean.begin())]);
}

}  // namespace iie
