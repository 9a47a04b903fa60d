#include "text/spelling.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <hunspell/hunspell.hxx>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/string_util.h"
#include "text/unicode.h"

extern "C" {
extern const char iie_en_us_aff_begin[], iie_en_us_aff_end[];
extern const char iie_en_us_dic_begin[], iie_en_us_dic_end[];
}

namespace iie {
namespace {

// Hunspell reads files only, so the embedded bytes become two that exist in memory.
class MemoryFile {
 public:
  MemoryFile(const char* begin, const char* end) : fd_(memfd_create("dictionary", MFD_CLOEXEC)) {
    while (fd_ >= 0 && begin < end) {
      const ssize_t n = write(fd_, begin, static_cast<std::size_t>(end - begin));
      if (n <= 0) break;
      begin += n;
    }
    complete_ = fd_ >= 0 && begin == end;
  }
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  bool complete() const { return complete_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
  bool complete_ = false;
};

// Many a text has a few thousand different words; more than this is a text made of noise.
constexpr std::size_t kRemembered = 200'000;
// Longer runs of letters are no words, and cost the dictionary's compound rules time.
constexpr std::size_t kLongestWord = 60;

class Dictionary {
 public:
  Dictionary() {
    const MemoryFile aff(iie_en_us_aff_begin, iie_en_us_aff_end);
    const MemoryFile dic(iie_en_us_dic_begin, iie_en_us_dic_end);
    if (!aff.complete() || !dic.complete()) return;
    auto loaded = std::make_unique<Hunspell>(aff.path().c_str(), dic.path().c_str());
    // A dictionary that could not be read knows no word at all.
    if (loaded->spell(std::string("dictionary")) && !loaded->spell(std::string("dictoinary")))
      words_ = std::move(loaded);
  }

  bool loaded() const { return words_ != nullptr; }

  bool has(const std::string& word) {
    const std::scoped_lock lock(mutex_);
    if (words_ == nullptr) return false;
    if (const auto known = known_.find(word); known != known_.end()) return known->second;
    const bool right = look_up(word);
    if (known_.size() < kRemembered) known_.emplace(word, right);
    return right;
  }

 private:
  bool look_up(const std::string& word) const {
    if (words_->spell(word)) return true;
    std::string capital = word;
    if (capital[0] >= 'a' && capital[0] <= 'z') capital[0] = static_cast<char>(capital[0] - 32);
    if (words_->spell(capital)) return true;
    // "nasa", "html": but two or three letters in capitals stand for anything.
    if (word.size() > 3) {
      std::string capitals = word;
      for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      if (words_->spell(capitals)) return true;
    }
    if (british(word)) return true;
    // "café": most dictionaries of English leave the accent out.
    const std::string plain = without_accents(word);
    return plain != word && words_->spell(plain);
  }

  static std::string without_accents(const std::string& word) {
    static constexpr std::u32string_view kAccented = U"àáâäãåèéêëìíîïòóôöõùúûüñç";
    static constexpr std::string_view kPlain = "aaaaaaeeeeiiiiooooouuuunc";
    std::string out;
    for (std::size_t at = 0; at < word.size();) {
      const char32_t c = next_code_point(word, at);
      const std::size_t i = kAccented.find(c);
      if (i == std::u32string_view::npos) {
        append_utf8(out, c);
      } else {
        out += kPlain[i];
      }
    }
    return out;
  }

  // The American form of a British spelling is in the dictionary.
  bool british(const std::string& word) const {
    static constexpr auto kEndings =
        std::to_array<std::pair<std::string_view, std::string_view>>({{"our", "or"},
                                                                      {"ours", "ors"},
                                                                      {"oured", "ored"},
                                                                      {"ouring", "oring"},
                                                                      {"ourful", "orful"},
                                                                      {"ourable", "orable"},
                                                                      {"ourite", "orite"},
                                                                      {"ourites", "orites"},
                                                                      {"ourhood", "orhood"},
                                                                      {"ourhoods", "orhoods"},
                                                                      {"ourless", "orless"},
                                                                      {"ouritism", "oritism"},
                                                                      {"ise", "ize"},
                                                                      {"ises", "izes"},
                                                                      {"ised", "ized"},
                                                                      {"ising", "izing"},
                                                                      {"iser", "izer"},
                                                                      {"isers", "izers"},
                                                                      {"isation", "ization"},
                                                                      {"isations", "izations"},
                                                                      {"yse", "yze"},
                                                                      {"ysed", "yzed"},
                                                                      {"ysing", "yzing"},
                                                                      {"yses", "yzes"},
                                                                      {"tre", "ter"},
                                                                      {"tres", "ters"},
                                                                      {"bre", "ber"},
                                                                      {"ogue", "og"},
                                                                      {"ogues", "ogs"},
                                                                      {"ence", "ense"},
                                                                      {"lled", "led"},
                                                                      {"lling", "ling"},
                                                                      {"ller", "ler"},
                                                                      {"llers", "lers"},
                                                                      {"lment", "llment"},
                                                                      {"lful", "llful"},
                                                                      {"mme", "m"},
                                                                      {"mmes", "ms"},
                                                                      {"jewellery", "jewelry"},
                                                                      {"grey", "gray"},
                                                                      {"greys", "grays"},
                                                                      {"plough", "plow"},
                                                                      {"ploughs", "plows"},
                                                                      {"tyre", "tire"},
                                                                      {"tyres", "tires"},
                                                                      {"sceptical", "skeptical"},
                                                                      {"cheque", "check"},
                                                                      {"cheques", "checks"},
                                                                      {"kerb", "curb"},
                                                                      {"pyjamas", "pajamas"},
                                                                      {"aeroplane", "airplane"},
                                                                      {"practise", "practice"},
                                                                      {"practises", "practices"},
                                                                      {"practised", "practiced"},
                                                                      {"practising", "practicing"},
                                                                      {"licences", "licenses"},
                                                                      {"mould", "mold"},
                                                                      {"ageing", "aging"},
                                                                      {"storey", "story"},
                                                                      {"storeys", "stories"},
                                                                      {"programme", "program"},
                                                                      {"learnt", "learned"},
                                                                      {"manoeuvre", "maneuver"},
                                                                      {"whilst", "while"},
                                                                      {"fulfil", "fulfill"},
                                                                      {"fulfils", "fulfills"},
                                                                      {"instil", "instill"},
                                                                      {"enrol", "enroll"},
                                                                      {"draught", "draft"},
                                                                      {"draughts", "drafts"},
                                                                      {"artefact", "artifact"},
                                                                      {"artefacts", "artifacts"},
                                                                      {"dreamt", "dreamed"},
                                                                      {"spelt", "spelled"},
                                                                      {"burnt", "burned"},
                                                                      {"mum", "mom"},
                                                                      {"mums", "moms"}});
    for (const auto& [british, american] : kEndings) {
      if (!word.ends_with(british) || word.size() < british.size()) continue;
      const std::string stem = word.substr(0, word.size() - british.size());
      // "ise" alone is no word that has become one.
      if (stem.empty() ? british.size() < 4 : stem.size() < 2) continue;
      if (words_->spell(stem + std::string(american))) return true;
    }
    for (const std::string_view digraph : {"ae", "oe"}) {  // "anaemia", "foetus"
      const std::size_t at = word.find(digraph);
      if (at == std::string::npos || word.size() < 6) continue;
      std::string american = word;
      american.erase(at, 1);
      if (words_->spell(american)) return true;
    }
    return false;
  }

  std::mutex mutex_;  // guards all below: Hunspell keeps state while it looks a word up
  std::unique_ptr<Hunspell> words_;
  std::unordered_map<std::string, bool> known_;
};

Dictionary& dictionary() {
  static Dictionary the;
  return the;
}

}  // namespace

bool has_english_dictionary() { return dictionary().loaded(); }

bool is_english_word(std::string_view word) {
  std::string form = normalize(word, Case::fold);  // apostrophes become ASCII ones
  for (const std::string_view possessive : {"'s", "'"}) {
    if (form.size() > possessive.size() + 1 && form.ends_with(possessive)) {
      form.erase(form.size() - possessive.size());
      break;
    }
  }
  // "I'd've", "shouldn't've": the contraction in front is what can be misspelled.
  if (form.size() > 4 && form.ends_with("'ve") && form.find('\'') < form.size() - 3) {
    form.erase(form.size() - 3);
  }
  if (form.empty()) return false;
  std::size_t at = 0;
  next_code_point(form, at);
  if (at == form.size()) return true;
  if (form.size() > kLongestWord) return false;
  return dictionary().has(form);
}

}  // namespace iie
