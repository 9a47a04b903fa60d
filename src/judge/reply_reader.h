// The parts of a judge's reply that a verdict can stand in: JSON objects amid prose, and fenced
// blocks. Private to the readers behind judge/verdict_parser.h.
//
// Objects are read forgivingly where the meaning is beyond doubt (raw line breaks in strings,
// unknown escapes, single or curly quotes, full-width punctuation, a trailing comma, bare keys) and
// not at all elsewhere. A member's value that is an object or a list is skipped, and nothing inside
// an object that was read is looked at again: what a judge quotes in an explanation is never taken
// for its verdict.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iie {

struct ReplyMember {
  enum class Kind { string, token, nested };

  std::string key;
  Kind kind = Kind::token;
  std::string text;  // the string's content, or the token or nested value as it stands
};

struct ReplyObject {
  std::size_t begin = 0;  // in the text that was searched
  std::size_t end = 0;    // behind the closing brace
  std::vector<ReplyMember> members;

  // How many members have this key, and the last of them.
  std::size_t count(std::string_view key) const;
  const ReplyMember* find(std::string_view key) const;
};

struct ReplyObjects {
  std::vector<ReplyObject> objects;  // outermost ones, in order; they do not overlap
  // Where JSON begins that the text ends inside of, unless an object with `key` comes behind it.
  std::optional<std::size_t> cut_off;
  // An object stated `key` and then could not be read to its end, so that an object behind that
  // point may be a quotation inside it.
  bool broken_verdict = false;
  // The text holds so many unfinished objects that reading on would not be linear in its length.
  bool gave_up = false;
};

ReplyObjects find_objects(std::string_view text, std::string_view key);

struct FencedBlock {
  std::size_t begin = 0;  // behind the opening fence; the info string is inside
  std::size_t end = 0;    // the closing fence
  std::size_t after = 0;  // behind the closing fence
  bool closed = false;    // false: the text ends inside it
};

// Blocks between lines of three or more backticks or tildes, in order; a block may also open and
// close on one line, or close behind text. The text's first line may open one behind punctuation
// ("：```json").
std::vector<FencedBlock> find_fenced_blocks(std::string_view text);

}  // namespace iie
