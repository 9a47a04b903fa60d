#include "judge/reply_reader.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/string_util.h"

namespace iie {
namespace {

// A verdict nests one level; deeper documents are quotations.
constexpr int kMaxDepth = 32;
// Bytes that unsuccessful attempts may read, per byte of text.
constexpr std::size_t kBudget = 16;

constexpr std::string_view kWideOpen = "｛";
constexpr std::string_view kWideClose = "｝";

enum class Status { object, not_object, cut_off };

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Reads one object by recursive descent without the recursion: nested values are skipped.
class ObjectReader {
 public:
  ObjectReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  Status read(ReplyObject& object) {
    object.begin = at_;
    object.members.clear();
    if (!take("{") && !take(kWideOpen)) return Status::not_object;
    while (true) {
      skip_space();
      if (at_end()) return Status::cut_off;
      if (take("}") || take(kWideClose)) break;
      if (const Status status = member(object); status != Status::object) return status;
    }
    object.end = at_;
    return Status::object;
  }

  std::size_t position() const { return at_; }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  bool sees(std::string_view token) const { return text_.substr(at_).starts_with(token); }
  bool take(std::string_view token) {
    if (!sees(token)) return false;
    at_ += token.size();
    return true;
  }
  void skip_space() {
    while (!at_end() && is_ascii_space(text_[at_])) ++at_;
  }

  // One member and the comma behind it. The member is kept only when it is complete: followed by a
  // comma or by the object's end.
  Status member(ReplyObject& object) {
    ReplyMember result;
    if (const Status status = key(result.key); status != Status::object) return status;
    skip_space();
    if (at_end()) return Status::cut_off;
    if (!take(":") && !take("：")) return Status::not_object;
    skip_space();
    if (const Status status = value(result); status != Status::object) return status;
    skip_space();
    if (at_end()) return Status::cut_off;
    const bool comma = take(",") || take("，");
    if (!comma && !sees("}") && !sees(kWideClose)) return Status::not_object;
    object.members.push_back(std::move(result));
    return Status::object;
  }

  Status key(std::string& out) {
    if (const std::string_view close = closing_quote(); !close.empty()) return quoted(close, out);
    if (!is_ascii_alpha(text_[at_]) && text_[at_] != '_') return Status::not_object;
    const std::size_t begin = at_;
    while (!at_end() && (is_ascii_alnum(text_[at_]) || text_[at_] == '_')) ++at_;
    out = text_.substr(begin, at_ - begin);
    return Status::object;
  }

  Status value(ReplyMember& out) {
    if (at_end()) return Status::cut_off;
    if (const std::string_view close = closing_quote(); !close.empty()) {
      out.kind = ReplyMember::Kind::string;
      return quoted(close, out.text);
    }
    if (sees("{") || sees("[") || sees(kWideOpen)) {
      out.kind = ReplyMember::Kind::nested;
      const std::size_t begin = at_;
      const Status status = skip_nested();
      out.text = text_.substr(begin, at_ - begin);
      return status;
    }
    out.kind = ReplyMember::Kind::token;
    const std::size_t begin = at_;
    while (!at_end() && !is_ascii_space(text_[at_]) &&
           std::string_view(",{}[]\"'`").find(text_[at_]) == std::string_view::npos &&
           !sees(kWideClose) && !sees("，")) {
      ++at_;
    }
    if (at_ == begin) return Status::not_object;
    out.text = text_.substr(begin, at_ - begin);
    return Status::object;
  }

  // The quote that ends the string which begins here, taking the opening one; empty: no string.
  std::string_view closing_quote() {
    if (take("\"")) return "\"";
    if (take("'")) return "'";
    if (take("“")) return "”";
    if (take("＂")) return "＂";
    return {};
  }

  Status quoted(std::string_view close, std::string& out) {
    out.clear();
    while (!at_end()) {
      if (take(close)) return Status::object;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        escape(out);
      } else {
        out += text_[at_++];
      }
    }
    return Status::cut_off;
  }

  void escape(std::string& out) {
    const char c = text_[at_++];
    switch (c) {
      case 'n':
        out += '\n';
        return;
      case 't':
        out += '\t';
        return;
      case 'r':
        out += '\r';
        return;
      case 'b':
      case 'f':
        out += ' ';
        return;
      case 'u':
        unicode_escape(out);
        return;
      default:
        out += c;
        return;
    }
  }

  std::optional<std::uint32_t> four_digits() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    std::uint32_t code = 0;
    for (std::size_t i = at_; i < at_ + 4; ++i) {
      const char c = ascii_lower(text_[i]);
      if (is_ascii_digit(c)) {
        code = code << 4 | static_cast<std::uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        code = code << 4 | static_cast<std::uint32_t>(c - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    at_ += 4;
    return code;
  }

  void unicode_escape(std::string& out) {
    std::optional<std::uint32_t> code = four_digits();
    if (code && *code >= 0xD800 && *code < 0xDC00 && take("\\u")) {
      const std::optional<std::uint32_t> low = four_digits();
      code = low && *low >= 0xDC00 && *low < 0xE000
                 ? std::optional(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00))
                 : std::nullopt;
    }
    const bool surrogate = code && *code >= 0xD800 && *code < 0xE000;
    append_utf8(out, code && !surrogate ? *code : 0xFFFD);
  }

  Status skip_nested() {
    int depth = 0;
    while (!at_end()) {
      if (take("\"")) {
        std::string ignored;
        if (quoted("\"", ignored) == Status::cut_off) return Status::cut_off;
        continue;
      }
      if (take("{") || take("[") || take(kWideOpen)) {
        if (++depth > kMaxDepth) return Status::not_object;
      } else if (take("}") || take("]") || take(kWideClose)) {
        if (--depth == 0) return Status::object;
      } else {
        ++at_;
      }
    }
    return Status::cut_off;
  }

  std::string_view text_;
  std::size_t at_;
};

std::size_t next_brace(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find_first_of("{\xEF", from); at != text.npos;
       at = text.find_first_of("{\xEF", at + 1)) {
    if (text[at] == '{' || text.substr(at).starts_with(kWideOpen)) return at;
  }
  return text.npos;
}

// What begins at this brace is JSON and not a block of code: a quote comes next, or nothing does.
bool begins_json(std::string_view text, std::size_t brace) {
  text.remove_prefix(brace + (text[brace] == '{' ? 1 : kWideOpen.size()));
  text = trim(text.substr(0, 64));
  return text.empty() || text.starts_with("\"") || text.starts_with("'") || text.starts_with("“") ||
         text.starts_with("＂");
}

// The run of one fence character at `at`.
std::size_t run_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] == text[at]) ++end;
  return end - at;
}

// The first run of at least `length` of `mark` in `line` from `from` on, or npos.
std::size_t find_run(std::string_view line, std::size_t from, char mark, std::size_t length) {
  for (std::size_t at = line.find(mark, from); at != line.npos;) {
    const std::size_t run = run_length(line, at);
    if (run >= length) return at;
    at = line.find(mark, at + run);
  }
  return line.npos;
}

// Where a fence opens in `line`, or npos.
std::size_t opening_fence(std::string_view line, bool first_line) {
  std::size_t at = 0;
  while (at < line.size()) {
    if (is_ascii_space(line[at]) || (first_line && (line[at] == ':' || line[at] == '*'))) {
      ++at;
    } else if (first_line && line.substr(at).starts_with("：")) {
      at += std::string_view("：").size();
    } else {
      break;
    }
  }
  if (at == line.size() || (line[at] != '`' && line[at] != '~')) return line.npos;
  return run_length(line, at) >= 3 ? at : line.npos;
}

}  // namespace

std::size_t ReplyObject::count(std::string_view key) const {
  return static_cast<std::size_t>(std::ranges::count(members, key, &ReplyMember::key));
}

const ReplyMember* ReplyObject::find(std::string_view key) const {
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const ReplyMember& member) { return member.key == key; });
  return found == members.rend() ? nullptr : &*found;
}

ReplyObjects find_objects(std::string_view text, std::string_view key) {
  ReplyObjects result;
  std::size_t wasted = 0;
  for (std::size_t at = next_brace(text, 0); at != text.npos;) {
    ReplyObject object;
    ObjectReader reader(text, at);
    const Status status = reader.read(object);
    if (status == Status::object) {
      at = next_brace(text, object.end);
      if (object.count(key) > 0) result.cut_off.reset();
      result.objects.push_back(std::move(object));
      continue;
    }
    if (status == Status::cut_off && !result.cut_off && begins_json(text, at)) result.cut_off = at;
    if (status == Status::not_object && object.count(key) > 0) result.broken_verdict = true;
    wasted += reader.position() - at;
    if (wasted > kBudget * text.size()) {
      result.gave_up = true;
      break;
    }
    at = next_brace(text, at + 1);
  }
  return result;
}

std::vector<FencedBlock> find_fenced_blocks(std::string_view text) {
  std::vector<FencedBlock> blocks;
  std::optional<FencedBlock> open;
  char mark = '`';
  std::size_t length = 3;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == text.npos) end = text.size();
    const std::string_view line = text.substr(begin, end - begin);
    std::size_t from = 0;  // what of the line was looked at
    if (!open) {
      const std::size_t at = opening_fence(line, begin == 0);
      if (at != line.npos) {
        mark = line[at];
        length = run_length(line, at);
        from = at + length;
        open = FencedBlock{.begin = begin + from};
      } else {
        from = line.size();
      }
    } else {
      // A fence with an info string at the start of a line opens a block inside this one.
      const std::size_t at = opening_fence(line, false);
      if (at != line.npos && line[at] == mark && run_length(line, at) >= length) {
        const std::size_t behind = at + run_length(line, at);
        if (behind < line.size() && is_ascii_alnum(line[behind])) from = line.size();
      }
    }
    if (open && from <= line.size()) {
      const std::size_t at = find_run(line, from, mark, length);
      if (at != line.npos) {
        open->end = begin + at;
        open->after = begin + at + run_length(line, at);
        open->closed = true;
        blocks.push_back(*open);
        open.reset();
      }
    }
    begin = end + 1;
  }
  if (open) {
    open->end = open->after = text.size();
    blocks.push_back(*open);
  }
  return blocks;
}

}  // namespace iie
