#include "analysis/judges.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "analysis/agreement.h"

namespace iie {
namespace {

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

JudgePair pair_of(std::span<const std::vector<JudgeVote>> responses, std::size_t first,
                  std::size_t second) {
  JudgePair pair;
  pair.first = first;
  pair.second = second;
  FlipCounts& counts = pair.counts;
  for (const std::vector<JudgeVote>& votes : responses) {
    const JudgeVote a = votes[first];
    const JudgeVote b = votes[second];
    if (!a || !b) {
      ++counts.incomplete;
    } else if (*a) {
      ++(*b ? counts.both_pass : counts.first_only);
    } else {
      ++(*b ? counts.second_only : counts.both_fail);
    }
  }
  pair.agreement = ratio(counts.both_pass + counts.both_fail, counts.n());
  pair.kappa =
      cohen_kappa({{counts.both_pass, counts.first_only}, {counts.second_only, counts.both_fail}});
  return pair;
}

// Passes by sample, for one model and judge.
struct SampleCounts {
  std::map<std::string, ClusterCount> by_sample;
  JudgeScore score;

  void add(const std::string& sample, JudgeVote vote) {
    ClusterCount& count = by_sample[sample];
    ++count.n;
    ++score.n;
    if (!vote) ++score.unscored;
    if (vote == true) {
      ++count.passed;
      ++score.passed;
    }
  }

  JudgeScore finished() {
    std::vector<ClusterCount> clusters;
    for (const auto& [sample, count] : by_sample) clusters.push_back(count);
    score.interval = clustered_wilson(clusters);
    return score;
  }
};

// Each model's passes and rollouts of each sample, under one judge.
using ScoreTable = std::vector<std::vector<ClusterCount>>;

void scores_of(const ScoreTable& table, std::span<const std::size_t> drawn,
               std::vector<double>& scores) {
  scores.assign(table.size(), 0);
  for (std::size_t model = 0; model < table.size(); ++model) {
    std::int64_t passed = 0;
    std::int64_t n = 0;
    for (const std::size_t sample : drawn) {
      passed += table[model][sample].passed;
      n += table[model][sample].n;
    }
    scores[model] = ratio(passed, n).value_or(0);
  }
}

RankingChange ranking(const std::vector<ScoreTable>& tables, std::size_t samples, std::size_t first,
                      std::size_t second, const RankOptions& options) {
  RankingChange change;
  change.first = first;
  change.second = second;
  std::vector<std::size_t> drawn(samples);
  for (std::size_t i = 0; i < samples; ++i) drawn[i] = i;
  std::vector<double> x;
  std::vector<double> y;
  scores_of(tables[first], drawn, x);
  scores_of(tables[second], drawn, y);
  change.tau = kendall_tau_b(x, y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) change.changed |= (x[i] - x[j]) * (y[i] - y[j]) < 0;
  }
  change.interval = rank_interval(
      kendall_tau_b,
      [&](Rng& rng, std::vector<double>& a, std::vector<double>& b) {
        for (std::size_t& sample : drawn) sample = rng.below(samples);
        scores_of(tables[first], drawn, a);
        scores_of(tables[second], drawn, b);
      },
      options);
  return change;
}

}  // namespace

JudgeAgreement judge_agreement(std::span<const std::vector<JudgeVote>> responses,
                               std::size_t judges) {
  JudgeAgreement agreement;
  std::vector<CategoryCounts> items;
  std::vector<CategoryCounts> complete;  // rated by all, which Fleiss' kappa needs
  for (const std::vector<JudgeVote>& votes : responses) {
    assert(votes.size() == judges);
    CategoryCounts counts(2, 0);
    for (const JudgeVote& vote : votes) {
      if (vote) ++counts[*vote ? 1 : 0];
    }
    const std::int64_t rated = counts[0] + counts[1];
    if (rated == static_cast<std::int64_t>(judges)) complete.push_back(counts);
    if (rated >= 2) {
      ++agreement.responses;
      if (counts[0] == 0 || counts[1] == 0) ++agreement.unanimous;
    }
    items.push_back(std::move(counts));
  }
  agreement.raw = raw_agreement(items);
  agreement.fleiss_kappa = fleiss_kappa(complete);
  agreement.krippendorff_alpha = krippendorff_alpha(items);
  agreement.gwet_ac1 = gwet_ac1(items);
  for (std::size_t second = 1; second < judges; ++second) {
    for (std::size_t first = 0; first < second; ++first) {
      agreement.pairs.push_back(pair_of(responses, first, second));
    }
  }
  std::ranges::stable_sort(agreement.pairs, {}, &JudgePair::first);
  return agreement;
}

JudgeComparison compare_judges(std::span<const JudgedResponse> responses, std::size_t models,
                               std::size_t judges, const RankOptions& options) {
  struct Cell {
    std::vector<std::vector<JudgeVote>> votes;
    std::vector<SampleCounts> counts;
  };
  std::map<std::pair<std::string, std::optional<Language>>, Cell> cells;
  std::vector<std::vector<JudgeVote>> votes;
  std::vector<std::vector<SampleCounts>> counts(models, std::vector<SampleCounts>(judges));
  std::map<std::string, std::size_t> samples;
  for (const JudgedResponse& response : responses) {
    Cell& cell = cells[{response.type, response.language}];
    cell.counts.resize(judges);
    for (std::size_t judge = 0; judge < judges; ++judge) {
      cell.counts[judge].add(response.sample, response.votes[judge]);
    }
    cell.votes.push_back(response.votes);
    if (!is_headline(response.type)) continue;
    for (std::size_t judge = 0; judge < judges; ++judge) {
      counts[response.model][judge].add(response.sample, response.votes[judge]);
    }
    votes.push_back(response.votes);
    samples.emplace(response.sample, samples.size());
  }

  JudgeComparison comparison;
  comparison.agreement = judge_agreement(votes, judges);
  for (auto& [key, cell] : cells) {
    JudgedCell& out = comparison.cells.emplace_back();
    out.type = key.first;
    out.language = key.second;
    out.responses = std::ssize(cell.votes);
    for (SampleCounts& judge : cell.counts) out.scores.push_back(judge.finished());
    out.agreement = judge_agreement(cell.votes, judges);
  }
  const auto place = [](const JudgedCell& cell) {
    const auto& types = instruction_types();
    return std::pair(std::ranges::find(types, cell.type, &InstructionType::code) - types.begin(),
                     cell.language);
  };
  std::ranges::stable_sort(comparison.cells, {}, place);

  std::vector<ScoreTable> tables(judges);
  for (std::size_t judge = 0; judge < judges; ++judge) {
    tables[judge].assign(models, std::vector<ClusterCount>(samples.size()));
  }
  for (std::size_t model = 0; model < models; ++model) {
    auto& row = comparison.scores.emplace_back();
    for (std::size_t judge = 0; judge < judges; ++judge) {
      for (const auto& [sample, count] : counts[model][judge].by_sample) {
        tables[judge][model][samples.at(sample)] = count;
      }
      row.push_back(counts[model][judge].finished());
    }
  }
  if (models < 2 || samples.empty()) return comparison;
  for (std::size_t first = 0; first < judges; ++first) {
    for (std::size_t second = first + 1; second < judges; ++second) {
      comparison.rankings.push_back(ranking(tables, samples.size(), first, second, options));
    }
  }
  return comparison;
}

}  // namespace iie
