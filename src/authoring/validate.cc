#include "authoring/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>

#include "authoring/fresh.h"
#include "authoring/item_checks.h"
#include "authoring/near_duplicates.h"
#include "base/string_util.h"
#include "core/instruction_type.h"
#include "text/unicode.h"

namespace iie {
namespace {

// From here on two questions are the same for a reader, or look so much alike that one should ask.
constexpr double kDuplicate = 0.8;
constexpr double kNearDuplicate = 0.5;

// The paper's shares and this project's goals (doc/authoring.md).
constexpr double kMixTolerance = 0.02;    // of all samples of headline types, for each type
constexpr double kSmallestDomain = 0.01;  // of all samples, likewise
constexpr double kLargestDomain = 0.25;
constexpr double kInversionsDecided = 0.85;  // of the items
constexpr double kComplete = 0.60;

std::string prompt_of(const Sample& sample) {
  std::string out;
  for (const Message& message : sample.question.messages) {
    if (message.role == Role::user) out += message.content + "\n";
  }
  return out;
}

std::string language_of(const Sample& sample) {
  return sample.language ? std::string(to_string(*sample.language)) : "(none)";
}

bool is_written(const Sample& sample) {
  return !sample.question.checks.empty() || !sample.question.gold.empty() || sample.twin;
}

bool is_procedural(const Sample& sample) { return sample.source.starts_with(kFreshSource); }

bool inversions_decided(const Question& question) {
  bool any = false;
  for (const Criterion& criterion : question.rubric) {
    if (criterion.kind != CriterionKind::inversion) continue;
    any = true;
    if (std::ranges::find(question.checks, criterion.id, &Check::criterion) ==
        question.checks.end()) {
      return false;
    }
  }
  return any;
}

void count(const Item& item, SetCounts& counts) {
  const Sample& sample = item.sample;
  ++counts.samples;
  counts.further += is_headline(sample.type) ? 0 : 1;
  Lengths& cell = counts.cells[{sample.type.empty() ? "(none)" : sample.type, language_of(sample)}];
  ++cell.samples;
  cell.prompt += static_cast<std::int64_t>(count_characters(prompt_of(sample)));
  cell.reference += static_cast<std::int64_t>(count_characters(sample.question.reference));
  if (!sample.domain.empty()) ++counts.domains[sample.domain];
  ++counts.files[item.file];
  if (!sample.reviewed.empty()) ++counts.reviewed[sample.reviewed];
  if (!sample.license.empty()) ++counts.licenses[sample.license];
  for (const Check& check : sample.question.checks) ++counts.rules[check.rule];
  if (sample.twin) {
    for (const Check& check : sample.twin->checks) ++counts.rules[check.rule];
  }
  counts.checked += sample.question.checks.empty() ? 0 : 1;
  counts.complete += sample.question.complete ? 1 : 0;
  counts.inversions_decided += inversions_decided(sample.question) ? 1 : 0;
  counts.twins += sample.twin ? 1 : 0;
  counts.several_turns += sample.question.messages.size() > 1 ? 1 : 0;
}

class Validator {
 public:
  Validator(const ItemSet& set, const ItemSet& against) : set_(set), against_(against) {}

  Validation run() {
    out_.name = set_.name;
    out_.whole = set_.whole;
    std::vector<Sample> samples;
    for (const Item& item : set_.items) {
      count(item, out_.counts);
      samples.push_back(item.sample);
      written_ = written_ || is_written(item.sample);
    }
    out_.hash = dataset_hash(samples);
    check_items();
    check_ids();
    check_pairs();
    check_duplicates();
    if (set_.whole && written_) check_whole();
    return std::move(out_);
  }

 private:
  void add(Severity severity, std::string_view code, const Item* item, std::string field,
           std::string message) {
    Problem problem{severity, std::string(code), "", 0, "", std::move(field), std::move(message)};
    if (item != nullptr) {
      problem.file = item->file;
      problem.line = item->line;
      problem.id = item->sample.id;
    }
    out_.problems.push_back(std::move(problem));
  }

  static std::string place(const Item& item) {
    return item.line == 0 ? fmt::format("{} ({})", item.sample.id, item.file)
                          : fmt::format("{} ({}:{})", item.sample.id, item.file, item.line);
  }

  // Gold responses are the bulk of the work: items are shared out to the cores, and the findings
  // put together in the items' order.
  void check_items() {
    struct Found {
      Problems problems;
      GoldCounts gold;
    };
    std::vector<Found> found(set_.items.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < set_.items.size(); i = next++) {
        check_item(set_.items[i], written_, found[i].problems, found[i].gold);
      }
    };
    {
      const std::size_t helpers = std::min<std::size_t>(
          {std::max(1U, std::thread::hardware_concurrency()) - 1, 7, set_.items.size() / 16});
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < helpers; ++i) threads.emplace_back(work);
      work();
    }
    GoldCounts& gold = out_.counts.gold;
    for (Found& one : found) {
      std::ranges::move(one.problems, std::back_inserter(out_.problems));
      gold.compliant += one.gold.compliant;
      gold.compliant_pass += one.gold.compliant_pass;
      gold.inertial += one.gold.inertial;
      gold.inertial_fail += one.gold.inertial_fail;
      gold.inertial_judge += one.gold.inertial_judge;
      std::ranges::move(one.gold.inertial_judge_ids, std::back_inserter(gold.inertial_judge_ids));
      gold.conventional += one.gold.conventional;
      gold.conventional_pass += one.gold.conventional_pass;
    }
  }

  void check_ids() {
    std::unordered_map<std::string_view, const Item*> seen;
    for (const Item& item : set_.items) {
      const auto [at, fresh] = seen.emplace(item.sample.id, &item);
      if (!fresh) {
        add(Severity::error, "duplicate-id", &item, "id",
            fmt::format("is used before, by {}", place(*at->second)));
      }
    }
  }

  void check_pairs() {
    std::map<std::string_view, std::vector<const Item*>> pairs;
    for (const Item& item : set_.items) {
      if (!item.sample.pair.empty()) pairs[item.sample.pair].push_back(&item);
    }
    for (const auto& [name, forms] : pairs) {
      const Sample& first = forms.front()->sample;
      std::set<std::string> languages;
      for (const Item* item : forms) languages.insert(language_of(item->sample));
      if (forms.size() == 1) {
        add(Severity::error, "broken-pair", forms.front(), "pair",
            fmt::format("'{}' has no form in the other language that could be read",
                        one_line(name, 60)));
        continue;
      }
      if (forms.size() != 2 || languages.size() != 2) {
        add(Severity::error, "broken-pair", forms.back(), "pair",
            fmt::format("'{}' is not one English and one Chinese form: {} samples, {}",
                        one_line(name, 60), forms.size(),
                        join({languages.begin(), languages.end()}, " and ")));
        continue;
      }
      ++out_.counts.pairs;
      const Item& other = *forms.back();
      if (other.sample.type != first.type) {
        add(Severity::error, "broken-pair", &other, "type",
            fmt::format("differs from that of {}", place(*forms.front())));
      }
      if (other.sample.domain != first.domain) {
        add(Severity::error, "broken-pair", &other, "domain",
            fmt::format("differs from that of {}", place(*forms.front())));
      }
      const bool twin = first.twin.has_value();
      if (other.sample.twin.has_value() != twin) {
        add(Severity::error, "broken-pair", &other, "twin",
            fmt::format("only one of {} and this has one", place(*forms.front())));
      }
    }
  }

  void check_duplicates() {
    std::vector<std::string> texts;
    for (const Item& item : set_.items) texts.push_back(prompt_of(item.sample));
    for (const Item& item : against_.items) texts.push_back(prompt_of(item.sample));
    const std::size_t own = set_.items.size();
    for (const TextMatch& match : near_duplicates(texts, own, kNearDuplicate)) {
      const bool foreign = match.b >= own;
      const Item& earlier = set_.items[match.a];
      const Item& later = foreign ? against_.items[match.b - own] : set_.items[match.b];
      // The same question in an earlier state of the set.
      if (foreign && earlier.sample.id == later.sample.id) continue;
      // Procedural items share their banks' sentences by design; only the same question counts.
      if (is_procedural(earlier.sample) && is_procedural(later.sample) &&
          texts[match.a] != texts[match.b]) {
        continue;
      }
      // The later one of two is named as the copy; against another file it is always ours.
      const bool same = match.similarity >= kDuplicate;
      add(same ? Severity::error : Severity::warning, same ? "duplicate" : "near-duplicate",
          foreign ? &earlier : &later, "messages",
          fmt::format("{:.0f} % the same as {}", 100 * match.similarity,
                      place(foreign ? later : earlier)));
    }
  }

  void check_whole() {
    const SetCounts& counts = out_.counts;
    const auto all = static_cast<double>(counts.samples);
    if (counts.samples == 0) return;
    if (counts.samples > counts.further) check_balance();
    const auto share_of = [&](std::string_view code, std::int64_t n, double goal,
                              std::string_view what) {
      if (static_cast<double>(n) >= goal * all) return;
      add(Severity::warning, code, nullptr, "checks",
          fmt::format("{:.1f} % of the items {}, wanted at least {:.0f} %",
                      100 * static_cast<double>(n) / all, what, 100 * goal));
    };
    share_of("inversions-decided", counts.inversions_decided, kInversionsDecided,
             "have every inversion criterion decided by rules");
    share_of("complete-share", counts.complete, kComplete, "have complete checks");
  }

  // What further types add must not tip the benchmark's balance, nor right it.
  void check_balance() {
    std::int64_t headline = 0;
    std::map<std::string, std::int64_t> of_domain;
    std::map<std::string, std::int64_t> by_type;
    for (const Item& item : set_.items) {
      if (!is_headline(item.sample.type)) continue;
      ++headline;
      ++of_domain[item.sample.domain];
      ++by_type[item.sample.type];
    }
    int paper_total = 0;
    std::int64_t headline_total = 0;
    for (const InstructionType& type : headline_types()) {
      paper_total += type.paper_samples;
      headline_total += by_type[type.code];
    }
    for (const InstructionType& type : headline_types()) {
      if (headline_total == 0) break;
      const double wanted = static_cast<double>(type.paper_samples) / paper_total;
      const double share =
          static_cast<double>(by_type[type.code]) / static_cast<double>(headline_total);
      if (std::abs(share - wanted) > kMixTolerance) {
        add(Severity::warning, "mix", nullptr, "type",
            fmt::format("{} has {:.1f} % of the samples of the eight types, {:.1f} % in the paper",
                        type.code, 100 * share, 100 * wanted));
      }
    }
    for (const std::string& domain : domains()) {
      const double share = static_cast<double>(of_domain[domain]) / static_cast<double>(headline);
      if (share < kSmallestDomain || share > kLargestDomain) {
        add(Severity::warning, "domain-balance", nullptr, "domain",
            fmt::format("{} has {:.1f} % of the samples, wanted {:.0f} to {:.0f} %", domain,
                        100 * share, 100 * kSmallestDomain, 100 * kLargestDomain));
      }
    }
  }

  const ItemSet& set_;
  const ItemSet& against_;
  Validation out_;
  bool written_ = false;
};

// Problems of the set as a whole, which have no file, come last.
void sort_problems(Problems& problems) {
  std::ranges::stable_sort(problems, [](const Problem& a, const Problem& b) {
    return std::forward_as_tuple(a.file.empty(), a.file, a.line) <
           std::forward_as_tuple(b.file.empty(), b.file, b.line);
  });
}

}  // namespace

std::size_t Validation::errors() const {
  return static_cast<std::size_t>(
      std::ranges::count(problems, Severity::error, &Problem::severity));
}

Validation validate_items(const ItemSet& set, const ItemSet& against) {
  Validation out = Validator(set, against).run();
  sort_problems(out.problems);
  return out;
}

Result<Validation> validate_dataset(const ValidateOptions& options) {
  ItemSet set;
  Problems unread;
  for (const std::string& name : options.names) {
    IIE_TRY(ItemSet one, read_items(name, unread));
    set.name += (set.name.empty() ? "" : ", ") + one.name;
    set.whole = set.whole || one.whole;
    std::ranges::move(one.files, std::back_inserter(set.files));
    std::ranges::move(one.items, std::back_inserter(set.items));
  }
  ItemSet against;
  Problems of_others;
  for (const std::string& name : options.against) {
    IIE_TRY(ItemSet one, read_items(name, of_others));
    if (one.items.empty()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: nothing to compare with: {}", one_line(name),
                              of_others.empty() ? "no samples" : of_others.front().message));
    }
    std::ranges::move(one.items, std::back_inserter(against.items));
  }
  Validation out = validate_items(set, against);
  if (set.items.empty() && unread.empty()) {
    return fail(ErrorKind::bad_input, fmt::format("{}: holds no samples", set.name));
  }
  std::ranges::move(unread, std::back_inserter(out.problems));
  sort_problems(out.problems);
  return out;
}

}  // namespace iie
