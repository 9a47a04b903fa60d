#include "report/corrected.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"
#include "report/plain_text.h"
#include "report/report.h"

namespace iie {
namespace {

CorrectedScore in_percent(const CorrectedShare& share, std::string_view method) {
  return {100 * share.share, 100 * share.interval.low, 100 * share.interval.high,
          std::string(method)};
}

std::string cell_name(const CorrectedCell& cell) {
  return safe_excerpt(cell.type, 40) + ' ' + cell.language;
}

CorrectedShare in_shares(const CorrectedScore& score, double level) {
  CorrectedShare share;
  share.share = score.score / 100;
  share.interval.low = score.low / 100;
  share.interval.high = score.high / 100;
  share.interval.level = level;
  return share;
}

template <typename Take>
CorrectedSum sum_of(std::string key, const CorrectedReport& report, Take take) {
  CorrectedSum sum;
  sum.key = std::move(key);
  std::vector<WeightedShare> parts;
  std::string method;
  for (const CorrectedCell& cell : report.cells) {
    if (!take(cell)) continue;
    sum.n += cell.n;
    if (cell.corrected) {
      method = cell.corrected->method;
      parts.push_back({static_cast<double>(cell.n), in_shares(*cell.corrected, report.level)});
    } else {
      sum.missing.push_back(cell_name(cell));
    }
  }
  if (!sum.missing.empty()) return sum;
  if (const auto share = combine(parts)) sum.corrected = in_percent(*share, method);
  return sum;
}

void add_sums(const Report& report, CorrectedReport& out) {
  out.overall = sum_of("overall", out, [](const CorrectedCell& cell) { return cell.headline; });
  for (const Group& type : report.by_type) {
    CorrectedSum sum =
        sum_of(type.key, out, [&](const CorrectedCell& cell) { return cell.type == type.key; });
    if (sum.n > 0) out.by_type.push_back(std::move(sum));
  }
  for (const Group& language : report.by_language) {
    CorrectedSum sum = sum_of(language.key, out, [&](const CorrectedCell& cell) {
      return cell.headline && cell.language == language.key;
    });
    if (sum.n > 0) out.by_language.push_back(std::move(sum));
  }
}

std::vector<CorrectedCell> cells_of(const Report& report) {
  std::vector<CorrectedCell> out;
  for (const Cell& cell : report.cells) {
    if (!cell.figure.score) continue;
    CorrectedCell one;
    one.type = cell.type;
    one.language = cell.language;
    const auto type = std::ranges::find(report.by_type, cell.type, &Group::key);
    one.headline = type == report.by_type.end() || type->headline;
    one.n = cell.figure.n;
    one.judged = *cell.figure.score;
    out.push_back(std::move(one));
  }
  return out;
}

std::string type_of(const CorrectedCell& cell) {
  return cell.type == kNoKey ? std::string() : cell.type;
}
std::optional<Language> language_of(const CorrectedCell& cell) {
  for (const Language language : kLanguages) {
    if (cell.language == to_string(language)) return language;
  }
  return std::nullopt;
}

std::string explain(Uncorrected why, const JudgeCounts& labels) {
  switch (why) {
    case Uncorrected::none:
      break;
    case Uncorrected::no_verdicts:
      return "nothing is decided";
    case Uncorrected::one_class:
      return labels.passes() == 0 ? "the labels hold no response that people pass"
                                  : "the labels hold no response that people fail";
    case Uncorrected::judge_too_weak:
      return fmt::format("on {} labels the judge cannot be told from a coin", labels.n());
  }
  return "";
}

}  // namespace

CorrectedReport correct_by_calibration(const Report& report, const Calibration& calibration,
                                       double level) {
  CorrectedReport out;
  out.source = safe_excerpt(calibration.labels, 120);
  out.hash = safe_excerpt(calibration.labels_hash, 64);
  out.annotators = calibration.annotators;
  out.level = level;
  out.cells = cells_of(report);
  for (CorrectedCell& cell : out.cells) {
    const std::string type = type_of(cell);
    const std::optional<Language> language = language_of(cell);
    const auto judge = std::ranges::find_if(report.spec.judge_cells, [&](const JudgeCell& one) {
      return one.type == type && one.language == language;
    });
    if (judge == report.spec.judge_cells.end()) {
      cell.why = "the run does not record which judge decided";
      continue;
    }
    cell.judge = safe_excerpt(judge->judge, 120);
    const CalibrationCell* measured = calibration.find(type, language, judge->fingerprint);
    if (measured == nullptr) {
      const bool other = std::ranges::any_of(calibration.cells, [&](const CalibrationCell& one) {
        return one.type == type && one.language == language;
      });
      cell.why = other ? "the calibration is of another judge, or of other prompts or parameters"
                       : "the calibration has no labels for it";
      continue;
    }
    cell.samples = measured->samples;
    cell.labels.true_pass = measured->true_pass;
    cell.labels.false_fail = measured->false_fail + measured->unscored_pass;
    cell.labels.true_fail = measured->true_fail + measured->unscored_fail;
    cell.labels.false_pass = measured->false_pass;
    const Figure& figure = report.cell(cell.type, cell.language)->figure;
    const Correction found =
        corrected_share(cell.judged / 100, figure.interval->n_effective, cell.labels, level);
    if (found.corrected) {
      cell.corrected = in_percent(*found.corrected, "corrected");
    } else {
      cell.why = explain(found.why, cell.labels);
    }
  }
  add_sums(report, out);
  return out;
}

Result<RunLabels> RunLabels::parse(std::string_view lines, const std::string& name,
                                   const std::vector<Sample>& samples, int rollouts) {
  std::map<std::string_view, std::int32_t> by_id;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    by_id.emplace(samples[i].id, static_cast<std::int32_t>(i));
  }
  RunLabels out;
  out.name_ = name;
  out.hash_ = sha256_hex(lines);
  std::set<std::string> people;
  std::set<std::pair<RolloutId, std::string>> said;
  std::int64_t number = 0;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const std::string where = fmt::format("{}:{}", name, number);
    const auto refuse = [&](const std::string& what) {
      return fail(ErrorKind::bad_input, where + ": " + what);
    };
    const auto value = parse_json(line);
    if (!value) return refuse(value.error().message);
    JsonFields fields(*value, where);
    std::int32_t index = 0;
    if (fields.has("row")) {
      const auto row = fields.optional_int("row");
      if (!row || *row < 0 || std::cmp_greater_equal(*row, samples.size())) {
        return refuse(fmt::format("\"row\" is not one of 0 to {}", samples.size() - 1));
      }
      index = static_cast<std::int32_t>(*row);
    } else {
      const std::string id = fields.required_string(fields.has("sample") ? "sample" : "id");
      IIE_CHECK_OK(fields.finish(true));
      const auto sample = by_id.find(id);
      if (sample == by_id.end()) {
        return refuse(fmt::format("the run has no sample '{}'", one_line(id, 60)));
      }
      index = sample->second;
    }
    const auto rollout = fields.optional_int("rollout");
    const std::optional<std::string> text = fields.has("response") && !rollout
                                                ? std::optional(fields.required_string("response"))
                                                : std::nullopt;
    std::optional<std::int64_t> label;
    if (const auto* field = value->as_object().if_contains("label")) {
      if (field->is_bool()) {
        label = field->get_bool() ? 1 : 0;
      } else {
        label = fields.optional_int("label");
      }
    }
    const std::string annotator = fields.string_or("annotator", "");
    IIE_CHECK_OK(fields.finish(true));
    if (!text && !rollout && rollouts > 1) {
      return refuse(
          fmt::format("the run has {} rollouts of each sample: \"rollout\" or "
                      "\"response\" must say which",
                      rollouts));
    }
    if (rollout.value_or(0) < 0 || rollout.value_or(0) >= rollouts) {
      return refuse(fmt::format("rollout {} is not one of 0 to {}", *rollout, rollouts - 1));
    }
    if (label != 0 && label != 1) return refuse("\"label\" must be 0 or 1");
    const RolloutId at{index, static_cast<std::int32_t>(rollout.value_or(0))};
    const std::string hash = text ? sha256_hex(*text) : std::string();
    if (!said.emplace(at, annotator + '\n' + hash).second) {
      return refuse(fmt::format(
          "a response of sample '{}' is labelled twice{}",
          one_line(samples[static_cast<std::size_t>(index)].id, 60),
          annotator.empty() ? std::string(" (name annotators to let several people label it)")
                            : " by " + one_line(annotator, 40)));
    }
    if (!annotator.empty()) people.insert(annotator);
    Votes& votes = text ? out.texts_[{index, hash}] : out.votes_[at];
    (*label == 1 ? votes.pass : votes.fail) += 1;
  }
  if (out.labelled() == 0) return fail(ErrorKind::bad_input, name + ": holds no label");
  out.annotators_ = static_cast<std::int64_t>(people.size());
  return out;
}

std::optional<std::size_t> RunLabels::text_label(RolloutId id, std::string_view response) const {
  if (texts_.empty()) return std::nullopt;
  const auto found = texts_.find({id.sample, sha256_hex(response)});
  if (found == texts_.end()) return std::nullopt;
  return static_cast<std::size_t>(std::distance(texts_.begin(), found));
}

std::optional<bool> RunLabels::label(RolloutId id, std::string_view response) const {
  const Votes* votes = nullptr;
  if (const auto found = votes_.find(id); found != votes_.end()) {
    votes = &found->second;
  } else if (!texts_.empty()) {
    const auto by_text = texts_.find({id.sample, sha256_hex(response)});
    if (by_text != texts_.end()) votes = &by_text->second;
  }
  if (votes == nullptr || votes->pass == votes->fail) return std::nullopt;
  return votes->pass > votes->fail;
}

std::int64_t RunLabels::disputed() const {
  const auto tied = [](const auto& entry) { return entry.second.pass == entry.second.fail; };
  return std::ranges::count_if(votes_, tied) + std::ranges::count_if(texts_, tied);
}

PoweredReport correct_by_labels(const Report& report, const std::vector<PartlyLabelled>& parts,
                                const RunLabels& labels, std::int64_t unmatched, double level) {
  PoweredReport out;
  out.unmatched = unmatched;
  CorrectedReport& cells = out.by_cells;
  cells.source = safe_excerpt(labels.name(), 120);
  cells.hash = labels.hash();
  cells.annotators = labels.annotators();
  cells.level = level;
  cells.cells = cells_of(report);
  out.labelled = labels.labelled();
  out.disputed = labels.disputed();

  std::map<std::pair<std::string, std::string>, std::vector<PartlyLabelled>> by_cell;
  std::vector<PartlyLabelled> headline;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const SampleResult& sample = report.sample_results[i];
    by_cell[{sample.type, sample.language}].push_back(parts[i]);
    if (sample.headline) headline.push_back(parts[i]);
  }
  const auto labelled = [](const std::vector<PartlyLabelled>& some, std::int64_t& samples) {
    JudgeCounts sum;
    samples = 0;
    for (const PartlyLabelled& part : some) {
      sum += part.labelled;
      samples += part.labelled.n() > 0 ? 1 : 0;
    }
    return sum;
  };
  for (CorrectedCell& cell : cells.cells) {
    const std::vector<PartlyLabelled>& some = by_cell[{cell.type, cell.language}];
    cell.judge = safe_excerpt(report.spec.judge, 120);
    cell.labels = labelled(some, cell.samples);
    if (cell.labels.n() < kFewestLabels) {
      cell.why = cell.labels.n() == 0 ? "nobody labelled a response of it"
                                      : fmt::format("only {} labels; {} are the fewest",
                                                    cell.labels.n(), kFewestLabels);
      continue;
    }
    if (const auto share = prediction_powered_share(some, level)) {
      cell.corrected = in_percent(*share, "prediction_powered");
    }
  }
  add_sums(report, cells);
  std::int64_t samples = 0;
  if (labelled(headline, samples).n() >= kFewestLabels) {
    if (const auto share = prediction_powered_share(headline, level)) {
      out.pooled = in_percent(*share, "prediction_powered");
    }
  }
  return out;
}

}  // namespace iie
