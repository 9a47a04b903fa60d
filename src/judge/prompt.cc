#include "judge/prompt.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kAnswerScoreSlots[] = {"prompt", "response_reference", "response"};
constexpr std::string_view kPassFailSlots[] = {"prompt", "model_response", "standard_response",
                                               "criteria"};
constexpr std::string_view kYesNoSlots[] = {"prompt",         "response_reference", "response",
                                            "model_response", "standard_response",  "criteria"};
constexpr std::string_view kAllSlots[] = {
    "prompt",   "response_reference", "response", "model_response", "standard_response",
    "criteria", "reference",          "rubric",   "boundary"};
constexpr std::string_view kResponse[] = {"response"};
constexpr std::string_view kPassFailRequired[] = {"model_response", "criteria"};
constexpr std::string_view kCriteria[] = {"criteria"};
constexpr std::string_view kRubric[] = {"rubric"};

// The end of a slot that begins at the '{' at `at`, or npos.
std::size_t slot_end(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || text[end] == '_')) ++end;
  if (end == at + 1 || end == text.size() || text[end] != '}') return std::string_view::npos;
  return end + 1;
}

std::string braced(std::string_view slot) { return "{" + std::string(slot) + "}"; }

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Where the format lets the response go by either of two names.
Result<Template> with_any_response(Result<Template> parsed) {
  if (parsed && !parsed->has_slot("response") && !parsed->has_slot("model_response")) {
    return fail(ErrorKind::bad_input, "the template has no slot {response}");
  }
  return parsed;
}

}  // namespace

Result<Template> Template::parse(std::string text, std::span<const std::string_view> allowed,
                                 std::span<const std::string_view> required) {
  Template result;
  result.text_ = std::move(text);
  const std::string_view view = result.text_;
  for (std::size_t at = view.find('{'); at != view.npos;) {
    const std::size_t end = slot_end(view, at);
    if (end == view.npos) {
      at = view.find('{', at + 1);
      continue;
    }
    result.slots_.push_back({at, end});
    const std::string_view name = result.name(result.slots_.back());
    if (!contains(allowed, name)) {
      std::vector<std::string> candidates;
      for (const std::string_view slot : allowed) candidates.push_back(braced(slot));
      const std::string slot = braced(name);
      std::string hint = did_you_mean(slot, candidates);
      if (hint.empty()) hint = "; slots are " + join(candidates, " ");
      return fail(ErrorKind::bad_input,
                  "the template has an unknown slot " + one_line(slot, 60) + hint);
    }
    at = view.find('{', end);
  }
  for (const std::string_view name : required) {
    if (!result.has_slot(name)) {
      return fail(ErrorKind::bad_input, "the template has no slot " + braced(name));
    }
  }
  return result;
}

std::string Template::fill(std::span<const Value> values) const {
  const auto value_of = [&](const Slot& slot) {
    const auto found = std::ranges::find(values, name(slot), &Value::slot);
    return found == values.end() ? std::string_view{} : found->text;
  };
  std::size_t size = text_.size();
  for (const Slot& slot : slots_) size += value_of(slot).size();
  std::string out;
  out.reserve(size);
  std::size_t copied = 0;
  for (const Slot& slot : slots_) {
    out.append(text_, copied, slot.begin - copied);
    out += value_of(slot);
    copied = slot.end;
  }
  out.append(text_, copied);
  return out;
}

bool Template::has_slot(std::string_view slot) const {
  return std::ranges::any_of(slots_, [&](const Slot& each) { return name(each) == slot; });
}

std::string_view Template::name(const Slot& slot) const {
  return std::string_view(text_).substr(slot.begin + 1, slot.end - slot.begin - 2);
}

Result<Template> parse_dataset_template(const JudgePrompt& prompt) {
  switch (prompt.format) {
    case VerdictFormat::answer_score:
      return Template::parse(prompt.user_template, kAnswerScoreSlots, kResponse);
    case VerdictFormat::pass_fail:
      return Template::parse(prompt.user_template, kPassFailSlots, kPassFailRequired);
    case VerdictFormat::yes_no:
      return with_any_response(Template::parse(prompt.user_template, kYesNoSlots, kCriteria));
    case VerdictFormat::criteria_list:
      return with_any_response(Template::parse(prompt.user_template, kAllSlots, kRubric));
  }
  return fail(ErrorKind::bug, "unknown verdict format");
}

Result<Template> parse_prompt_set_template(const JudgePrompt& prompt) {
  std::span<const std::string_view> required = kCriteria;
  if (prompt.format == VerdictFormat::answer_score) required = {};
  if (prompt.format == VerdictFormat::criteria_list) required = kRubric;
  return with_any_response(Template::parse(prompt.user_template, kAllSlots, required));
}

std::string render_conversation(const std::vector<Message>& messages) {
  if (messages.size() == 1 && messages.front().role == Role::user) return messages.front().content;
  std::string out;
  for (const Message& message : messages) {
    if (!out.empty()) out += "\n\n";
    out += "[" + std::string(to_string(message.role)) + "]\n";
    out += message.content;
  }
  return out;
}

std::string boundary_for(std::string_view response) {
  const std::string digits = sha256_hex(response);
  std::string boundary = "RESPONSE-" + digits.substr(0, 16);
  // Only by a chance of 2^-64, or for a response built on a broken SHA-256.
  for (int n = 1; response.find(boundary) != response.npos; ++n) {
    boundary = "RESPONSE-" + sha256_hex(digits + std::to_string(n)).substr(0, 16);
  }
  return boundary;
}

}  // namespace iie
