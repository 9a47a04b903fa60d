// The JSON object of a reply that a verdict is read from, where there is no doubt which it is.
// Private to the readers behind judge/verdict_parser.h.
#pragma once

#include <string>
#include <string_view>

#include "judge/reply_reader.h"

namespace iie {

struct KeyedObject {
  const ReplyObject* object = nullptr;  // of the objects that were searched; null: there is none
  std::string refusal;                  // why none may be read; empty: there simply is none
};

// The last object with `key`, as far as it can be told apart from quotations. `found` are the
// objects of `reply` by that key.
KeyedObject last_object_with(std::string_view key, const ReplyObjects& found,
                             std::string_view reply);

}  // namespace iie
