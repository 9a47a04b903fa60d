#include "judge/keyed_object.h"

#include "judge/verdict_text.h"

namespace iie {

KeyedObject last_object_with(std::string_view key, const ReplyObjects& found,
                             std::string_view reply) {
  if (found.gave_up) return {nullptr, "the reply is too tangled to read"};
  if (found.broken_verdict) return {nullptr, "the JSON object cannot be read to its end"};
  KeyedObject last;
  for (const ReplyObject& object : found.objects) {
    if (object.count(key) > 0) last.object = &object;
  }
  if (found.cut_off) return {nullptr, "the reply ends inside its JSON"};
  if (!last.object) return last;
  if (last.object->count(key) > 1) {
    return {nullptr, std::string(key) + " stands twice in one object"};
  }
  // A later object that could not be read and has the key too: `"key":` outside all objects.
  const std::string quoted = "\"" + std::string(key) + "\"";
  auto object = found.objects.begin();
  for (std::size_t at = reply.find(quoted, last.object->end); at != reply.npos;
       at = reply.find(quoted, at + quoted.size())) {
    while (object != found.objects.end() && object->end <= at) ++object;
    const bool inside = object != found.objects.end() && object->begin <= at;
    if (!inside && skip_space(reply.substr(at + quoted.size())).starts_with(":")) {
      return {nullptr, "a later JSON object cannot be read"};
    }
  }
  return last;
}

}  // namespace iie
