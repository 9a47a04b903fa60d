#include "dataset/select.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/string_util.h"
#include "core/instruction_type.h"
#include "dataset/embedded_set.h"

namespace iie {
namespace {

// A sample's cell in the table of scores.
using Cell = std::pair<std::string, std::optional<Language>>;

std::string cell_name(const Cell& cell) {
  std::string name = cell.first.empty() ? "no type" : cell.first;
  if (cell.second) name += fmt::format(" {}", to_string(*cell.second));
  return name;
}

// "QC english 4, QC chinese 4, ...".
std::string describe(const Dataset& dataset) {
  std::vector<Cell> order;
  std::map<Cell, std::size_t> counts;
  for (const Sample& sample : dataset.samples) {
    const Cell cell(sample.type, sample.language);
    if (counts[cell]++ == 0) order.push_back(cell);
  }
  std::vector<std::string> parts;
  for (const Cell& cell : order) {
    parts.push_back(fmt::format("{} {}", cell_name(cell), counts[cell]));
  }
  return join(parts, ", ");
}

std::string asked(const Selection& selection) {
  std::vector<std::string> parts;
  const auto list = [&](std::string_view what, const std::vector<std::string>& names) {
    if (!names.empty()) parts.push_back(fmt::format("{} {}", what, join(names, ",")));
  };
  list("types", selection.types);
  list("languages", selection.languages);
  list("domains", selection.domains);
  list("ids", selection.ids);
  return parts.empty() ? "everything" : one_line(join(parts, ", "), 300);
}

Result<std::set<std::string>> wanted_domains(const Dataset& dataset,
                                             const std::vector<std::string>& asked) {
  std::map<std::string, std::string> by_lower;
  std::vector<std::string> known;
  for (const Sample& sample : dataset.samples) {
    if (!sample.domain.empty() &&
        by_lower.emplace(ascii_lower(sample.domain), sample.domain).second) {
      known.push_back(sample.domain);
    }
  }
  std::set<std::string> wanted;
  for (const std::string& name : asked) {
    const std::string lower = ascii_lower(trim(name));
    if (!by_lower.contains(lower)) {
      return fail(
          ErrorKind::bad_input,
          fmt::format("the dataset has no domain '{}'{} (domains: {})", one_line(name, 60),
                      did_you_mean(name, known), known.empty() ? "none" : join(known, ", ")));
    }
    wanted.insert(lower);
  }
  return wanted;
}

Result<std::unordered_set<std::string>> wanted_ids(const Dataset& dataset,
                                                   const std::vector<std::string>& asked) {
  std::unordered_set<std::string> wanted;
  if (asked.empty()) return wanted;
  std::unordered_set<std::string_view> known;
  for (const Sample& sample : dataset.samples) known.insert(sample.id);
  for (const std::string& id : asked) {
    if (!known.contains(id)) {
      const std::vector<std::string> ids(known.begin(), known.end());
      return fail(ErrorKind::bad_input, fmt::format("the dataset has no sample '{}'{}",
                                                    one_line(id, 60), did_you_mean(id, ids)));
    }
    wanted.insert(id);
  }
  return wanted;
}

// A type that the embedded set of this name lacks is in another one: half a selection would go
// unnoticed. Sets of one's own may hold any types, and one list of types may serve several.
Result<void> check_embedded_types(const Dataset& dataset, const std::set<std::string>& types) {
  if (find_embedded_set(dataset.name) == nullptr) return {};
  for (const std::string& type : types) {
    if (std::ranges::find(dataset.samples, type, &Sample::type) != dataset.samples.end()) continue;
    return fail(ErrorKind::bad_input,
                fmt::format("{} has no questions of type {}: --dataset {} has them, open+further "
                            "has all",
                            dataset.name, type, is_headline(type) ? "open" : "further"));
  }
  return {};
}

// Of `matching` (indices in file order), `limit` by turns of their cells, again in file order.
std::vector<std::size_t> spread(const Dataset& dataset, const std::vector<std::size_t>& matching,
                                std::size_t limit) {
  // The turn in which an index is taken, and its cell's place in the round.
  struct Turn {
    std::size_t round;
    std::size_t cell;
    std::size_t index;
    auto operator<=>(const Turn&) const = default;
  };
  std::map<Cell, std::pair<std::size_t, std::size_t>> cells;  // place in the round, size so far
  std::vector<Turn> turns;
  for (const std::size_t index : matching) {
    const Sample& sample = dataset.samples[index];
    auto& [place, size] =
        cells.try_emplace({sample.type, sample.language}, cells.size(), 0).first->second;
    turns.push_back({size++, place, index});
  }
  std::ranges::sort(turns);
  turns.resize(std::min(limit, turns.size()));
  std::vector<std::size_t> taken;
  for (const Turn& turn : turns) taken.push_back(turn.index);
  std::ranges::sort(taken);
  return taken;
}

}  // namespace

Result<std::vector<Sample>> select(const Dataset& dataset, const Selection& selection) {
  if (selection.limit && *selection.limit == 0) {
    return fail(ErrorKind::bad_input, "limit: expected at least 1");
  }
  std::set<std::string> types;
  for (const std::string& name : selection.types) {
    IIE_TRY(std::string code, parse_instruction_type(name));
    types.insert(std::move(code));
  }
  IIE_CHECK_OK(check_embedded_types(dataset, types));
  std::set<Language> languages;
  for (const std::string& name : selection.languages) {
    IIE_TRY(const Language language, parse_language(name));
    languages.insert(language);
  }
  IIE_TRY(const auto domains, wanted_domains(dataset, selection.domains));
  IIE_TRY(const auto ids, wanted_ids(dataset, selection.ids));

  std::vector<std::size_t> matching;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    if (!types.empty() && !types.contains(sample.type)) continue;
    if (!languages.empty() && (!sample.language || !languages.contains(*sample.language))) continue;
    if (!domains.empty() && !domains.contains(ascii_lower(sample.domain))) continue;
    if (!ids.empty() && !ids.contains(sample.id)) continue;
    matching.push_back(i);
  }
  if (matching.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("no sample matches: asked for {}; {} has {}", asked(selection),
                            dataset.name, describe(dataset)));
  }
  if (selection.limit) matching = spread(dataset, matching, *selection.limit);
  std::vector<Sample> selected;
  selected.reserve(matching.size());
  for (const std::size_t index : matching) selected.push_back(dataset.samples[index]);
  return selected;
}

}  // namespace iie
