#include "text/comment_scan.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "base/string_util.h"

namespace iie {
namespace {

bool is_word(char c) {
  return is_ascii_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  Scanner(std::string_view code, CodeLanguage language) : code_(code), language_(language) {}

  std::vector<TextSpan> run() {
    if (sees("#!")) at_ = line_end(0);  // a shebang
    while (at_ < code_.size()) step();
    return std::move(out_);
  }

 private:
  bool sees(std::string_view part) const { return code_.substr(at_).starts_with(part); }
  char before() const { return at_ > 0 ? code_[at_ - 1] : '\n'; }
  char ahead(std::size_t n) const { return at_ + n < code_.size() ? code_[at_ + n] : '\0'; }
  std::size_t line_end(std::size_t from) const {
    return std::min(code_.find('\n', from), code_.size());
  }

  void comment_to(std::size_t end) {
    out_.push_back({at_, end});
    at_ = end;
  }
  void line_comment() { comment_to(line_end(at_)); }
  // An unclosed block comment runs to the end, as in a compiler.
  void block_comment(std::string_view close, bool nested = false) {
    std::size_t depth = 1;
    std::size_t end = at_ + 2;
    while (end < code_.size() && depth > 0) {
      if (code_.substr(end).starts_with(close)) {
        --depth;
        end += close.size();
      } else if (nested && code_.substr(end).starts_with("/*")) {
        ++depth;
        end += 2;
      } else {
        ++end;
      }
    }
    comment_to(end);
  }
  // Skips a string from its opening `quote` at the current place. Where it may not span lines, a
  // line break ends it: the quote was none.
  void skip_string(std::string_view quote, bool escapes, bool lines) {
    at_ += quote.size();
    while (at_ < code_.size()) {
      if (escapes && code_[at_] == '\\') {
        at_ += 2;
      } else if (sees(quote)) {
        at_ += quote.size();
        return;
      } else if (!lines && code_[at_] == '\n') {
        return;
      } else {
        ++at_;
      }
    }
    at_ = std::min(at_, code_.size());
  }
  void skip_word() {
    while (at_ < code_.size() && is_word(code_[at_])) ++at_;
  }

  void step() {
    switch (language_) {
      case CodeLanguage::python:
        return python();
      case CodeLanguage::javascript:
      case CodeLanguage::typescript:
      case CodeLanguage::tsx:
        return javascript();
      case CodeLanguage::c:
      case CodeLanguage::cpp:
        return c();
      case CodeLanguage::java:
        return java();
      case CodeLanguage::go:
        return go();
      case CodeLanguage::rust:
        return rust();
      case CodeLanguage::sql:
        return sql();
      case CodeLanguage::bash:
        return bash();
      case CodeLanguage::html:
        return html();
    }
  }

  void python() {
    if (code_[at_] == '#') return line_comment();
    if (sees("\"\"\"")) return skip_string("\"\"\"", true, true);
    if (sees("'''")) return skip_string("'''", true, true);
    if (code_[at_] == '"') return skip_string("\"", true, false);
    if (code_[at_] == '\'') return skip_string("'", true, false);
    ++at_;
  }

  // Whether a slash here divides rather than opens a regular expression: it follows a value.
  bool follows_value() const {
    std::size_t i = at_;
    while (i > 0 && (code_[i - 1] == ' ' || code_[i - 1] == '\t') && at_ - i < 256) --i;
    if (i == 0) return false;
    const char c = code_[i - 1];
    if (c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == '`') return true;
    if (!is_word(c) && c != '$') return false;
    std::size_t word = i;
    while (word > 0 && is_word(code_[word - 1]) && i - word < 16) --word;
    const std::string_view text = code_.substr(word, i - word);
    return text != "return" && text != "typeof" && text != "case" && text != "in" && text != "of";
  }

  void javascript() {
    if (sees("//")) return line_comment();
    if (sees("/*")) return block_comment("*/");
    if (sees("<!--")) return line_comment();
    const char c = code_[at_];
    if (c == '"' || c == '\'') return skip_string(code_.substr(at_, 1), true, false);
    if (c == '`') return skip_string("`", true, true);
    if (c == '/' && !follows_value()) {
      std::size_t i = at_ + 1;
      bool set = false;
      // Longer ones are no expressions that people write, and looking further is quadratic.
      const std::size_t end = std::min(code_.size(), at_ + 1000);
      for (; i < end && code_[i] != '\n'; ++i) {
        if (code_[i] == '\\') {
          ++i;
        } else if (code_[i] == '[') {
          set = true;
        } else if (code_[i] == ']') {
          set = false;
        } else if (code_[i] == '/' && !set) {
          at_ = i + 1;
          return;
        }
      }
    }
    ++at_;
  }

  void c() {
    if (sees("//")) return line_comment();
    if (sees("/*")) return block_comment("*/");
    if (sees("R\"") && !is_word(before())) {
      // The standard allows a delimiter of 16 characters.
      const std::size_t length = code_.substr(at_, 19).find('(');
      if (length != std::string_view::npos) {
        const std::size_t open = at_ + length;
        const std::string close = ")" + std::string(code_.substr(at_ + 2, open - at_ - 2)) + "\"";
        const std::size_t end = code_.find(close, open);
        at_ = end == std::string_view::npos ? code_.size() : end + close.size();
        return;
      }
    }
    if (code_[at_] == '"') return skip_string("\"", true, false);
    if (code_[at_] == '\'' && !is_ascii_alnum(before())) return skip_string("'", true, false);
    if (sees("#include")) {  // <http://...> is a file name
      const std::size_t name = code_.find_first_not_of(" \t", at_ + 8);
      if (name != std::string_view::npos && code_[name] == '<') {
        const std::size_t end = code_.find_first_of(">\n", name);
        at_ = end == std::string_view::npos ? code_.size() : end;
        return;
      }
    }
    ++at_;
  }

  void java() {
    if (sees("//")) return line_comment();
    if (sees("/*")) return block_comment("*/");
    if (sees("\"\"\"")) return skip_string("\"\"\"", true, true);
    if (code_[at_] == '"') return skip_string("\"", true, false);
    if (code_[at_] == '\'') return skip_string("'", true, false);
    ++at_;
  }

  void go() {
    if (sees("//")) return line_comment();
    if (sees("/*")) return block_comment("*/");
    if (code_[at_] == '"') return skip_string("\"", true, false);
    if (code_[at_] == '`') return skip_string("`", false, true);
    if (code_[at_] == '\'') return skip_string("'", true, false);
    ++at_;
  }

  void rust() {
    if (sees("//")) return line_comment();
    if (sees("/*")) return block_comment("*/", true);
    if ((sees("r\"") || sees("r#")) && !is_word(before())) {
      std::size_t hashes = 0;
      while (ahead(1 + hashes) == '#') ++hashes;
      if (ahead(1 + hashes) == '"') {
        const std::string close = "\"" + std::string(hashes, '#');
        const std::size_t end = code_.find(close, at_ + 2 + hashes);
        at_ = end == std::string_view::npos ? code_.size() : end + close.size();
        return;
      }
    }
    if (code_[at_] == '"') return skip_string("\"", true, true);
    if (code_[at_] == '\'') {  // a character or a lifetime
      if (ahead(1) == '\\') return skip_string("'", true, false);
      std::size_t i = at_ + 1;
      if (i < code_.size()) next_code_point(code_, i);
      if (i < code_.size() && code_[i] == '\'') {
        at_ = i + 1;
        return;
      }
    }
    ++at_;
  }

  void sql() {
    if (sees("--")) return line_comment();
    if (sees("/*")) {
      if (ahead(2) == '!' || ahead(2) == '+') {  // the server acts on these
        at_ += 3;
        return;
      }
      return block_comment("*/");
    }
    // MySQL's # at the start of a line or followed by a space; elsewhere it belongs to a name or
    // to an operator of another dialect.
    if (code_[at_] == '#') {
      std::size_t i = at_;
      while (i > 0 && (code_[i - 1] == ' ' || code_[i - 1] == '\t') && at_ - i < 256) --i;
      const bool starts_line = i == 0 || code_[i - 1] == '\n' || code_[i - 1] == ';';
      const char next = ahead(1);
      if (starts_line || (is_ascii_space(before()) && is_ascii_space(next))) return line_comment();
    }
    if (code_[at_] == '\'') return skip_string("'", false, true);
    if (code_[at_] == '"') return skip_string("\"", false, true);
    if (code_[at_] == '`') return skip_string("`", false, true);
    ++at_;
  }

  void bash() {
    const char c = code_[at_];
    if (c == '\\') {
      at_ += 2;
    } else if (c == '#' && (is_ascii_space(before()) || before() == ';' || before() == '(' ||
                            before() == '&' || before() == '|')) {
      line_comment();
    } else if (c == '\'') {
      skip_string("'", before() == '$', true);
    } else if (c == '"') {
      skip_string("\"", true, true);
    } else if (sees("<<") && ahead(2) != '<' && before() != '<') {
      note_here_document();
    } else if (c == '\n' && !here_documents_.empty()) {
      skip_here_documents();
    } else {
      ++at_;
    }
    at_ = std::min(at_, code_.size());
  }

  void note_here_document() {
    const std::size_t begin = at_;
    at_ += 2;
    if (ahead(0) == '-') ++at_;
    while (ahead(0) == ' ') ++at_;
    std::string word;
    while (at_ < code_.size() && !is_ascii_space(code_[at_]) && code_[at_] != ';' &&
           code_[at_] != '|' && code_[at_] != ')' && code_[at_] != '>' && word.size() < 256) {
      const char c = code_[at_++];
      if (c != '\'' && c != '"' && c != '\\') word += c;
    }
    if (word.empty() || is_ascii_digit(word[0])) return;
    here_documents_.push_back(std::move(word));
    // A line of its own is given to no command: another way to write a comment.
    const std::size_t line = begin == 0 ? 0 : code_.rfind('\n', begin - 1) + 1;
    if (trim(code_.substr(line, begin - line)).empty() &&
        trim(code_.substr(at_, line_end(at_) - at_)).empty()) {
      unread_document_ = begin;
    }
  }

  void skip_here_documents() {
    ++at_;
    for (const std::string& word : here_documents_) {
      while (at_ < code_.size()) {
        const std::size_t end = line_end(at_);
        const bool closes = trim(code_.substr(at_, end - at_)) == word;
        at_ = std::min(end + 1, code_.size());
        if (closes) break;
      }
    }
    here_documents_.clear();
    if (unread_document_) out_.push_back({*unread_document_, at_});
    unread_document_.reset();
  }

  void skip_raw_text(std::string_view close) {
    while (at_ < code_.size() && !starts_with_nocase(code_.substr(at_), close)) ++at_;
  }

  void html() {
    if (sees("<!--")) {
      const std::size_t end = code_.find("-->", at_ + 4);
      return comment_to(end == std::string_view::npos ? code_.size() : end + 3);
    }
    if (code_[at_] == '<' && (is_ascii_alpha(ahead(1)))) {  // attributes may quote anything
      std::size_t i = at_ + 1;
      char quote = 0;
      for (; i < code_.size(); ++i) {
        if (quote != 0) {
          if (code_[i] == quote) quote = 0;
        } else if (code_[i] == '"' || code_[i] == '\'') {
          quote = code_[i];
        } else if (code_[i] == '>') {
          break;
        }
      }
      const std::string_view tag = code_.substr(at_ + 1);
      at_ = std::min(i + 1, code_.size());
      if (starts_with_nocase(tag, "script")) skip_raw_text("</script");
      if (starts_with_nocase(tag, "style")) skip_raw_text("</style");
      return;
    }
    ++at_;
  }

  std::string_view code_;
  CodeLanguage language_;
  std::size_t at_ = 0;
  std::vector<std::string> here_documents_;
  std::optional<std::size_t> unread_document_;  // where a here-document without a command begins
  std::vector<TextSpan> out_;
};

}  // namespace

std::vector<TextSpan> scan_comments(std::string_view code, CodeLanguage language) {
  return Scanner(code, language).run();
}

std::vector<TextSpan> scan_css_comments(std::string_view code) {
  std::vector<TextSpan> out;
  for (std::size_t at = 0; at < code.size();) {
    const char c = code[at];
    if (c == '"' || c == '\'') {
      const char stops[] = {c, '\\', '\n', '\0'};
      ++at;
      while ((at = code.find_first_of(stops, at)) != std::string_view::npos && code[at] == '\\')
        at += 2;
      at = at == std::string_view::npos ? code.size() : at + 1;
    } else if (code.substr(at).starts_with("/*")) {
      const std::size_t close = code.find("*/", at + 2);
      const std::size_t end = close == std::string_view::npos ? code.size() : close + 2;
      out.push_back({at, end});
      at = end;
    } else {
      ++at;
    }
  }
  return out;
}

}  // namespace iie
