#include "rules/part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <utility>

#include "base/string_util.h"
#include "rules/numbered_answers.h"
#include "text/segmentation.h"

namespace iie {
namespace {

struct UnitName {
  std::string_view one;
  std::string_view many;
  Part::Unit unit;
};
constexpr auto kUnits = std::to_array<UnitName>({
    {"sentence", "sentences", Part::Unit::sentence},
    {"line", "lines", Part::Unit::line},
    {"paragraph", "paragraphs", Part::Unit::paragraph},
    {"item", "items", Part::Unit::item},
});

std::string_view name_of(Part::Unit unit) {
  const auto* const found = std::ranges::find(kUnits, unit, &UnitName::unit);
  return found == kUnits.end() ? "text" : found->one;
}

// A position counts from 1, or from the end with -1.
std::int64_t read_position(JsonFields& fields, std::string_view key, std::int64_t fallback) {
  const auto value = fields.optional_int(key);
  if (value && *value == 0) fields.reject(key, "counts from 1, or from the end with -1");
  return value.value_or(fallback);
}

struct Piece {
  std::string text;
  std::size_t number = 0;  // of its unit, from 1; 0: a stretch
};

struct Pieces {
  std::vector<Piece> pieces;
  std::optional<Finding> failure;  // it cannot be told what the part is
  std::string found;               // "2 sentences"
};

// Without its code blocks, or nothing but their code.
std::optional<std::string> only(const ResponseView& view, bool code) {
  const auto& elements = view.markdown();
  if (!elements) return std::nullopt;
  std::string out;
  if (code) {
    for (const MarkdownElement& element : *elements) {
      if (element.kind == MarkdownKind::code_block && element.fenced) out += element.text;
    }
    return out;
  }
  std::size_t number = 0;
  for (const std::string_view line : split(view.text(), '\n')) {
    ++number;
    const bool inside = std::ranges::any_of(*elements, [&](const MarkdownElement& element) {
      return element.kind == MarkdownKind::code_block && element.fenced &&
             element.first_line <= number && number <= element.last_line;
    });
    // The block leaves a blank line, so that what stands around it stays apart.
    if (!inside) out += line;
    out += '\n';
  }
  return out;
}

std::vector<std::string_view> units_of(std::string_view text, Part::Unit unit) {
  std::vector<TextSpan> spans;
  if (unit == Part::Unit::sentence) spans = sentences(text);
  if (unit == Part::Unit::line) spans = lines(text);
  if (unit == Part::Unit::paragraph) spans = paragraphs(text);
  std::vector<std::string_view> out;
  for (const TextSpan& span : spans) out.push_back(span.of(text));
  return out;
}

Pieces pieces_of(const Part& part, const ResponseView& view) {
  Pieces out;
  std::string chosen;
  std::string_view text = view.text();
  if (!part.in.empty()) {
    auto kept = only(view, part.in == "code");
    if (!kept) {
      out.failure = Finding::undecided(view.markdown().error().message);
      return out;
    }
    chosen = *std::move(kept);
    text = chosen;
    out.found = fmt::format("no {}", part.in);
  }
  if (!part.after.empty()) {
    const std::size_t at = text.find(part.after);
    out.found = fmt::format("no \"{}\"", one_line(part.after, 40));
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + part.after.size());
  }
  if (!part.before.empty() && !text.empty()) {
    const std::size_t at = text.find(part.before);
    out.found = fmt::format("no \"{}\"", one_line(part.before, 40));
    text = at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
  }
  if (part.unit == Part::Unit::whole) {
    if (!trim(text).empty()) out.pieces.push_back({std::string(text), 0});
    return out;
  }
  std::vector<std::string_view> units;
  if (part.unit == Part::Unit::item) {
    if (part.of) {
      AnswerSplit split = split_answers(text, static_cast<std::size_t>(*part.of));
      if (split.failure) {
        out.failure = *split.failure;
        return out;
      }
      units = std::move(split.answers);
    } else {
      units = numbered_answers(text);
    }
    for (std::string_view& item : units) {
      const std::string_view bare = bare_answer(item);
      item = bare.empty() ? trim(item) : bare;
    }
  } else {
    units = units_of(text, part.unit);
  }
  const auto n = static_cast<std::int64_t>(units.size());
  out.found = fmt::format("{} {}{}", n, name_of(part.unit), n == 1 ? "" : "s");
  const std::int64_t from = part.from > 0 ? part.from : n + 1 + part.from;
  const std::int64_t to = std::min(n, part.to > 0 ? part.to : n + 1 + part.to);
  if (from < 1 || from > to) return out;
  if (!part.each) {
    const char* const begin = units[static_cast<std::size_t>(from - 1)].data();
    const std::string_view last = units[static_cast<std::size_t>(to - 1)];
    out.pieces.push_back({std::string(begin, last.data() + last.size()),
                          from == to ? static_cast<std::size_t>(from) : 0});
    return out;
  }
  for (std::int64_t i = from; i <= to; i += part.every) {
    out.pieces.push_back(
        {std::string(units[static_cast<std::size_t>(i - 1)]), static_cast<std::size_t>(i)});
  }
  return out;
}

std::string labelled(const Part& part, const Piece& piece, const std::string& reason) {
  if (piece.number > 0) return fmt::format("{} {}: {}", name_of(part.unit), piece.number, reason);
  if (part.unit != Part::Unit::whole) {
    return fmt::format("{}s {} to {}: {}", name_of(part.unit), part.from, part.to, reason);
  }
  return reason;
}

Finding each_of(const Part& part, const CompiledRule& rule, const std::vector<Piece>& pieces) {
  std::int64_t met = 0;
  std::int64_t unknown = 0;
  std::optional<std::string> first_broken;
  std::optional<std::string> first_met;
  std::optional<std::string> first_unknown;
  for (const Piece& piece : pieces) {
    const Finding finding = rule(ResponseView(piece.text));
    auto& first = finding.decision == Decision::met      ? first_met
                  : finding.decision == Decision::broken ? first_broken
                                                         : first_unknown;
    met += finding.decision == Decision::met ? 1 : 0;
    unknown += finding.decision == Decision::undecided ? 1 : 0;
    if (!first) first = labelled(part, piece, finding.reason);
  }
  const auto all = static_cast<std::int64_t>(pieces.size());
  const Bounds wanted = part.holding.value_or(Bounds{all, all});
  const std::string counted = fmt::format("{} of {} {}s hold", met, all, name_of(part.unit));
  if (unknown > 0) {
    bool one_way = true;
    for (std::int64_t more = 0; more <= unknown; ++more) {
      one_way = one_way && wanted.hold(met + more) == wanted.hold(met);
    }
    if (!one_way) return Finding::undecided(*first_unknown);
  }
  if (wanted.hold(met)) return Finding::met(counted);
  // Too few hold: one that does not; too many: one that does.
  const bool too_few = wanted.min && met < *wanted.min;
  const auto& shown = too_few ? first_broken : first_met;
  if (!part.holding) return Finding::broken(shown.value_or(counted));
  return Finding::broken(fmt::format("{}, wanted {}{}{}", counted, wanted.describe(),
                                     shown ? "; " : "", shown.value_or("")));
}

}  // namespace

Part read_part(JsonFields& fields) {
  Part part;
  if (fields.has("in")) part.in = read_choice(fields, "in", {"prose", "code"});
  part.after = fields.string_or("after", "");
  part.before = fields.string_or("before", "");
  int units = 0;
  for (const UnitName& name : kUnits) {
    if (fields.has(name.one)) {
      ++units;
      part.unit = name.unit;
      part.from = part.to = read_position(fields, name.one, 1);
    }
    if (const auto* const range = fields.optional_array(name.many)) {
      ++units;
      part.unit = name.unit;
      const bool numbers = std::ranges::all_of(
          *range, [](const auto& value) { return value.is_int64() && value.get_int64() != 0; });
      if (!numbers || range->empty() || range->size() > 2) {
        fields.reject(name.many, "expected [from] or [from, to], each not 0");
      } else {
        part.from = range->front().get_int64();
        if (range->size() == 2) part.to = range->back().get_int64();
      }
    }
  }
  if (fields.has("each")) {
    ++units;
    std::vector<std::string> names;
    for (const UnitName& name : kUnits) names.emplace_back(name.one);
    const std::string each = read_choice(fields, "each", names);
    part.unit = std::ranges::find(kUnits, std::string_view(each), &UnitName::one)->unit;
    part.each = true;
    part.from = read_position(fields, "from", 1);
    part.to = read_position(fields, "to", -1);
    part.every = fields.optional_int("every").value_or(1);
    if (part.every < 1) {
      fields.reject("every", "must be at least 1");
      part.every = 1;
    }
    if (const auto* const holding = fields.optional_value("holding")) {
      JsonFields bounds(*holding, "part.holding");
      part.holding = read_bounds(bounds, true);
      if (const auto ok = bounds.finish(); !ok) fields.reject("holding", ok.error().message);
    }
  }
  if (units > 1) fields.reject("each", "a part is chosen by one unit only");
  if (part.from > 0 && part.to > 0 && part.from > part.to) {
    fields.reject("from", "lies behind the end of the range");
  }
  if ((part.of = fields.optional_int("of"))) {
    if (part.unit != Part::Unit::item) fields.reject("of", "is about items");
    if (*part.of < 1 || *part.of > static_cast<std::int64_t>(kMaxQuestions)) {
      fields.reject("of", fmt::format("must be 1 to {}", kMaxQuestions));
    }
  }
  if (fields.has("absent")) {
    part.absent_holds = read_choice(fields, "absent", {"broken", "met"}) == "met";
  }
  if (units == 0 && part.in.empty() && part.after.empty() && part.before.empty()) {
    fields.reject("each", "a part needs a unit, in, after or before");
  }
  return part;
}

CompiledRule on_part(const Part& part, CompiledRule rule) {
  return [part, rule = std::move(rule)](const ResponseView& view) {
    const Pieces chosen = pieces_of(part, view);
    if (chosen.failure) return *chosen.failure;
    if (chosen.pieces.empty()) {
      const std::string reason =
          fmt::format("the part that the rule is about is not there: {}",
                      chosen.found.empty() ? "the response is blank" : chosen.found);
      return part.absent_holds ? Finding::met(reason) : Finding::broken(reason);
    }
    if (part.each) return each_of(part, rule, chosen.pieces);
    const Piece& piece = chosen.pieces.front();
    Finding finding = rule(ResponseView(piece.text));
    finding.reason = labelled(part, piece, finding.reason);
    return finding;
  };
}

}  // namespace iie
