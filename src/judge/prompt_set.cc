#include "judge/prompt_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/embedded.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"
#include "judge/yaml_reader.h"

namespace iie {
namespace {

void append_prompt(std::string& out, const JudgePrompt& prompt) {
  append_json_string(out, prompt.system);
  out += ',';
  append_json_string(out, prompt.user_template);
  out += ',';
  append_json_string(out, to_string(prompt.format));
}

// Reads one file; the first error ends it.
class Loader : private YamlReader {
 public:
  using YamlReader::YamlReader;

  Result<std::vector<PromptSet::Entry>> read(std::string_view text) const {
    return parse(text, [this](const YamlNode& root) { return read_root(root); });
  }

 private:
  Result<std::vector<PromptSet::Entry>> read_root(const YamlNode& root) const {
    IIE_CHECK_OK(check_keys(root, "the prompt set", {"schema", "parts", "prompts"}));
    const YamlNode& schema = root["schema"];
    if (!schema || !schema.is_scalar() || schema.text() != "1") {
      return error(schema ? schema : root, "expected 'schema: 1'");
    }
    const YamlNode& prompts = root["prompts"];
    if (!prompts || !prompts.is_sequence() || prompts.size() == 0) {
      return error(prompts ? prompts : root, "expected 'prompts' as a list of at least one entry");
    }
    std::vector<PromptSet::Entry> entries;
    for (const YamlNode& node : prompts.elements()) {
      IIE_TRY(std::vector<PromptSet::Entry> more, read_entry(node));
      for (PromptSet::Entry& entry : more) {
        const auto same = [&](const PromptSet::Entry& other) {
          return other.type == entry.type && other.language == entry.language &&
                 asks_per_criterion(other.prompt.format) == asks_per_criterion(entry.prompt.format);
        };
        if (std::ranges::any_of(entries, same)) {
          return error(node,
                       fmt::format("a second prompt for type {} in the same language",
                                   entry.type.empty() ? "any" : std::string_view(entry.type)));
        }
        entries.push_back(std::move(entry));
      }
    }
    return entries;
  }

  // One entry for each of its types.
  Result<std::vector<PromptSet::Entry>> read_entry(const YamlNode& node) const {
    IIE_CHECK_OK(check_keys(node, "a prompt", {"type", "language", "format", "system", "user"}));
    for (const char* key : {"type", "format", "user"}) {
      if (!node[key]) return error(node, fmt::format("a prompt has no '{}'", key));
    }
    JudgePrompt prompt;
    IIE_TRY(const std::string format, scalar(node["format"], "format"));
    const std::optional<VerdictFormat> known = verdict_format_from(format);
    if (!known) {
      return error(node["format"], fmt::format("unknown format '{}'{}", one_line(format, 40),
                                               did_you_mean(format, {"answer_score", "pass_fail",
                                                                     "yes_no", "criteria_list"})));
    }
    prompt.format = *known;
    if (const YamlNode& system = node["system"]) {
      IIE_TRY(prompt.system, paragraphs(system, "system"));
    }
    IIE_TRY(prompt.user_template, paragraphs(node["user"], "user"));
    auto parsed = parse_prompt_set_template(prompt);
    if (!parsed) return error(node["user"], parsed.error().message);

    std::optional<Language> language;
    if (const YamlNode& value = node["language"]) {
      IIE_TRY(const std::string text, scalar(value, "language"));
      if (text != "any") {
        const Result<Language> read = parse_language(text);
        if (!read) return error(value, read.error().message);
        language = *read;
      }
    }
    std::vector<PromptSet::Entry> entries;
    const YamlNode& types = node["type"];
    const auto add = [&](const YamlNode& value) -> Result<void> {
      IIE_TRY(const std::string text, scalar(value, "type"));
      std::string type;
      if (text != "any") {
        Result<std::string> read = parse_instruction_type(text);
        if (!read) return error(value, read.error().message);
        type = *std::move(read);
      }
      entries.push_back({std::move(type), language, prompt, *parsed});
      return {};
    };
    if (types.is_sequence()) {
      for (const YamlNode& value : types.elements()) IIE_CHECK_OK(add(value));
      if (entries.empty()) return error(types, "'type' is an empty list");
    } else {
      IIE_CHECK_OK(add(types));
    }
    return entries;
  }
};

PromptSet embedded_prompt_set(std::initializer_list<const char*> files) {
  PromptSet set;
  for (const char* file : files) {
    const std::optional<std::string_view> text = embedded_file(file);
    Result<PromptSet> loaded = load_prompt_set(text.value_or(""), file);
    if (!loaded) {
      // Our own data is wrong, which a test of it shows.
      std::fprintf(stderr, "bug: %s\n", loaded.error().message.c_str());
      std::abort();
    }
    set.add_missing(*loaded);
  }
  return set;
}

std::string sample_error(const Sample& sample, std::string_view message) {
  return fmt::format("sample {}: judge prompt: {}", one_line(sample.id, 80), message);
}

}  // namespace

bool asks_per_criterion(VerdictFormat format) {
  return format == VerdictFormat::pass_fail || format == VerdictFormat::yes_no;
}

const PromptSet::Entry* PromptSet::find(std::string_view type, std::optional<Language> language,
                                        bool per_criterion) const {
  const Language wanted = language.value_or(Language::english);
  const Entry* best = nullptr;
  int best_fit = -1;
  for (const Entry& entry : entries_) {
    if (asks_per_criterion(entry.prompt.format) != per_criterion) continue;
    if (!entry.type.empty() && entry.type != type) continue;
    if (entry.language && *entry.language != wanted) continue;
    const int fit = (entry.type.empty() ? 0 : 2) + (entry.language ? 1 : 0);
    if (fit > best_fit) {
      best = &entry;
      best_fit = fit;
    }
  }
  return best;
}

void PromptSet::add_missing(const PromptSet& other) {
  const std::size_t own = entries_.size();
  for (const Entry& entry : other.entries_) {
    const bool present = std::any_of(
        entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(own),
        [&](const Entry& mine) {
          return mine.type == entry.type && mine.language == entry.language &&
                 asks_per_criterion(mine.prompt.format) == asks_per_criterion(entry.prompt.format);
        });
    if (!present) entries_.push_back(entry);
  }
}

std::string PromptSet::hash() const {
  std::vector<std::string> lines;
  for (const Entry& entry : entries_) {
    std::string line;
    append_json_string(line, entry.type);
    line += ',';
    append_json_string(line, entry.language ? to_string(*entry.language) : std::string_view("any"));
    line += ',';
    append_prompt(line, entry.prompt);
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  return sha256_hex(join(lines, "\n"));
}

Result<PromptSet> load_prompt_set(std::string_view yaml, std::string_view name) {
  IIE_TRY(std::vector<PromptSet::Entry> entries, Loader(name).read(yaml));
  PromptSet set;
  set.entries_ = std::move(entries);
  return set;
}

const PromptSet& default_prompt_set() {
  static const PromptSet set =
      embedded_prompt_set({"judges/open_english.yaml", "judges/open_chinese.yaml"});
  return set;
}

const PromptSet& criteria_prompt_set() {
  static const PromptSet set = embedded_prompt_set({"judges/criteria.yaml"});
  return set;
}

Result<PromptSet> prompt_set_of(const JudgePrompt& prompt) {
  IIE_TRY(Template user, parse_prompt_set_template(prompt));
  PromptSet set;
  set.entries_.push_back({"", std::nullopt, prompt, std::move(user)});
  return set;
}

Result<PromptInForce> prompt_in_force(const PromptSet& set, const Sample& sample,
                                      bool dataset_prompts) {
  if (dataset_prompts && sample.judge_prompt) return PromptInForce{&*sample.judge_prompt, nullptr};
  const std::vector<Criterion>& rubric = sample.question.rubric;
  const bool not_all =
      sample.aggregation == Aggregation::any || sample.aggregation == Aggregation::max;
  const bool one_by_one =
      !rubric.empty() &&
      (not_all || std::ranges::any_of(rubric, [](const Criterion& c) { return !c.expected; }));
  const PromptSet::Entry* entry = set.find(sample.type, sample.language, false);
  if (one_by_one && !(entry && entry->prompt.format == VerdictFormat::criteria_list)) {
    entry = set.find(sample.type, sample.language, true);
  }
  // A set that only asks about criteria asks about them here too.
  if (!entry && !rubric.empty()) entry = set.find(sample.type, sample.language, true);
  if (!entry) {
    return fail(ErrorKind::bad_input,
                sample_error(sample, fmt::format("the prompt set has none for type '{}'",
                                                 one_line(sample.type, 40))));
  }
  return PromptInForce{&entry->prompt, &entry->user};
}

Result<void> check_judge_prompts(const PromptSet& set, std::span<const Sample> samples,
                                 bool dataset_prompts) {
  for (const Sample& sample : samples) {
    IIE_TRY(const PromptInForce prompt, prompt_in_force(set, sample, dataset_prompts));
    if (!prompt.user) {
      if (const auto parsed = parse_dataset_template(*prompt.prompt); !parsed) {
        return fail(ErrorKind::bad_input, sample_error(sample, parsed.error().message));
      }
    }
    if (prompt.prompt->format != VerdictFormat::answer_score && sample.question.rubric.empty()) {
      return fail(ErrorKind::bad_input,
                  sample_error(sample, "it asks about each criterion, and there is none"));
    }
  }
  return {};
}

std::string cell_prompts_hash(const PromptSet& set, bool dataset_prompts,
                              std::span<const Sample* const> cell) {
  std::set<std::string> prompts;
  const auto add = [&](const JudgePrompt& prompt) {
    std::string line;
    append_prompt(line, prompt);
    prompts.insert(std::move(line));
  };
  for (const Sample* sample : cell) {
    if (dataset_prompts && sample->judge_prompt) {
      add(*sample->judge_prompt);
      continue;
    }
    for (const bool per_criterion : {false, true}) {
      const PromptSet::Entry* entry = set.find(sample->type, sample->language, per_criterion);
      if (entry != nullptr) add(entry->prompt);
    }
  }
  return sha256_hex(join({prompts.begin(), prompts.end()}, "\n"));
}

Result<std::string> judge_prompts_hash(const PromptSet& set, std::span<const Sample> samples) {
  std::set<std::string> prompts;
  for (const Sample& sample : samples) {
    IIE_TRY(const PromptInForce prompt, prompt_in_force(set, sample));
    std::string line;
    append_prompt(line, *prompt.prompt);
    prompts.insert(std::move(line));
  }
  return sha256_hex(join({prompts.begin(), prompts.end()}, "\n"));
}

}  // namespace iie
