#include "text/python_csv.h"

#include <algorithm>
#include <utility>

namespace iie {
namespace {

constexpr std::size_t kFieldLimit = 131'072;  // csv.field_size_limit()

// The state machine of CPython's _csv.c, with the names it uses.
class Reader {
 public:
  explicit Reader(char delimiter) : delimiter_(delimiter) {}

  std::optional<std::vector<CsvRow>> read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
      for (const char c : text.substr(0, end)) {
        if (!take(c)) return std::nullopt;
      }
      text.remove_prefix(end);
      end_of_line();
      if (state_ == State::start_record) rows_.push_back(std::exchange(row_, {}));
    }
    if (state_ == State::in_quoted_field) {  // never closed
      save();
      rows_.push_back(std::move(row_));
    }
    return std::move(rows_);
  }

 private:
  enum class State {
    start_record,
    start_field,
    in_field,
    in_quoted_field,
    quote_in_quoted_field,
    eat_crnl
  };

  void save() {
    row_.push_back(std::exchange(field_, {}));
    length_ = 0;
  }

  bool add(char c) {
    field_ += c;
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++length_;
    return length_ <= kFieldLimit;
  }

  bool take(char c) {
    const bool line_break = c == '\n' || c == '\r';
    switch (state_) {
      case State::eat_crnl:
        return line_break;
      case State::start_record:
        if (line_break) {
          state_ = State::eat_crnl;
          return true;
        }
        [[fallthrough]];
      case State::start_field:
        if (c == '"') {
          state_ = State::in_quoted_field;
          return true;
        }
        return take_in_field(c);
      case State::in_field:
        return take_in_field(c);
      case State::in_quoted_field:
        if (c != '"') return add(c);
        state_ = State::quote_in_quoted_field;
        return true;
      case State::quote_in_quoted_field:
        if (c != '"') return take_in_field(c);
        state_ = State::in_quoted_field;
        return add(c);
    }
    return false;
  }

  bool take_in_field(char c) {
    if (c == '\n' || c == '\r') {
      save();
      state_ = State::eat_crnl;
      return true;
    }
    if (c == delimiter_) {
      save();
      state_ = State::start_field;
      return true;
    }
    state_ = State::in_field;
    return add(c);
  }

  void end_of_line() {
    if (state_ == State::in_quoted_field) return;
    if (state_ != State::start_record && state_ != State::eat_crnl) save();
    state_ = State::start_record;
  }

  char delimiter_;
  State state_ = State::start_record;
  std::string field_;
  std::size_t length_ = 0;  // of field_ in characters
  CsvRow row_;
  std::vector<CsvRow> rows_;
};

}  // namespace

std::optional<std::vector<CsvRow>> python_csv(std::string_view text, char delimiter) {
  return Reader(delimiter).read(text);
}

}  // namespace iie
