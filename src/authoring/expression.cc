#include "authoring/expression.h"

#include <charconv>

#include "base/string_util.h"

namespace iie {
namespace {

// By recursive descent. The banks are ours, so depth and overflow are no concern.
class Evaluator {
 public:
  Evaluator(std::string_view text, const Values& values) : text_(text), values_(values) {}

  std::optional<std::int64_t> run() {
    const auto value = sum();
    skip();
    return at_ == text_.size() ? value : std::nullopt;
  }

 private:
  using Value = std::optional<std::int64_t>;

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  // The next character where it is one of `signs`.
  char take(std::string_view signs) {
    skip();
    if (at_ >= text_.size() || signs.find(text_[at_]) == std::string_view::npos) return 0;
    return text_[at_++];
  }

  Value sum() {
    Value left = product();
    while (left) {
      const char sign = take("+-");
      if (sign == 0) break;
      const Value right = product();
      if (!right) return std::nullopt;
      left = sign == '+' ? *left + *right : *left - *right;
    }
    return left;
  }

  Value product() {
    Value left = factor();
    while (left) {
      const char sign = take("*/%");
      if (sign == 0) break;
      const Value right = factor();
      if (!right || (sign != '*' && *right == 0)) return std::nullopt;
      left = sign == '*' ? *left * *right : sign == '/' ? *left / *right : *left % *right;
    }
    return left;
  }

  Value factor() {
    if (take("(") != 0) {
      const Value inner = sum();
      return take(")") != 0 ? inner : std::nullopt;
    }
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_ascii_alnum(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) return std::nullopt;
    if (is_ascii_digit(word[0])) {
      std::int64_t value = 0;
      const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
      if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return std::nullopt;
      return value;
    }
    const auto found = values_.find(word);
    return found == values_.end() ? std::nullopt : Value(found->second);
  }

  std::string_view text_;
  const Values& values_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> evaluate(std::string_view expression, const Values& values) {
  return Evaluator(expression, values).run();
}

}  // namespace iie
