#include "report/benchmark_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "base/string_util.h"
#include "report/fixture.h"
#include "report/render.h"

namespace iie {
namespace {

constexpr int kPrompts = 20;

// `passes` of the prompts, each with two instructions, are followed; the others half, and loosely.
BenchmarkRun conventional(std::string id, std::string model, int passes,
                          InstructionMetric metric = InstructionMetric::prompt_strict,
                          std::string dataset = "ifeval", int prompts = kPrompts) {
  Fixture fixture = empty_fixture();
  fixture.run.id = std::move(id);
  fixture.run.spec.model = std::move(model);
  fixture.run.spec.dataset = std::move(dataset);
  fixture.run.spec.judge = "rules";
  for (int i = 0; i < prompts; ++i) {
    Sample& sample = fixture.add_sample(fmt::format("p{}", i), "", std::nullopt, "?");
    sample.instructions = {{"punctuation:no_comma", "{}"}, {"change_case:english_lowercase", "{}"}};
    Verdict verdict = i < passes ? Verdict::pass("") : Verdict::fail("");
    for (std::size_t k = 0; k < 2; ++k) {
      CriterionVerdict one;
      one.id = instruction_criterion(k, sample.instructions[k]);
      one.outcome = i < passes || k == 0 ? Outcome::pass : Outcome::fail;
      one.loose = true;
      verdict.criteria.push_back(std::move(one));
    }
    fixture.add_rollout(verdict);
  }
  ReportBuilder builder(fixture.run, fixture.samples);
  for (const Rollout& rollout : fixture.rollouts) {
    EXPECT_TRUE(builder.add(rollout.response.id, &rollout.response, &*rollout.judgement));
  }
  std::vector<ClusterCount> clusters = builder.clusters(metric);
  return {builder.finish(), std::move(clusters)};
}

// `passes` of 20 questions, each in two languages.
Fixture inverse_fixture(std::string id, std::string model, int passes, int questions = 20) {
  Fixture fixture = empty_fixture();
  fixture.run.id = std::move(id);
  fixture.run.spec.model = std::move(model);
  for (int i = 0; i < questions; ++i) {
    for (const Language language : kLanguages) {
      fixture.add_sample(fmt::format("q{}-{}", i, to_string(language)), "QC", language, "?").pair =
          fmt::format("q{}", i);
      fixture.add_rollout(i < passes ? Verdict::pass("") : Verdict::fail(""));
    }
  }
  return fixture;
}
BenchmarkRun inverse(std::string id, std::string model, int passes) {
  return {inverse_fixture(std::move(id), std::move(model), passes).report(), {}};
}

std::vector<BenchmarkRun> three_models() {
  std::vector<BenchmarkRun> runs;
  runs.push_back(conventional("a1", "openai:alpha", 18));
  runs.push_back(conventional("b1", "openai:beta", 10));
  runs.push_back(conventional("c1", "openai:gamma", 4));
  runs.push_back(inverse("a2", "openai:alpha", 3));
  runs.push_back(inverse("b2", "openai:beta", 16));
  runs.push_back(inverse("c2", "openai:gamma", 2));
  return runs;
}

std::string error_of(const std::vector<BenchmarkRun>& runs, const BenchmarkOptions& options = {}) {
  const auto found = compare_benchmarks(runs, options);
  if (found) return "no error";
  EXPECT_EQ(found.error().kind, ErrorKind::bad_input);
  return found.error().message;
}

TEST(CompareBenchmarks, RanksModelsThatRanOnBoth) {
  const auto found = compare_benchmarks(three_models());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->pairs.size(), 1U);
  const BenchmarkPair& pair = found->pairs[0];
  EXPECT_EQ(pair.conventional.dataset, "ifeval");
  EXPECT_EQ(pair.inverse.dataset, "open");
  EXPECT_EQ(pair.conventional.samples, kPrompts);
  EXPECT_EQ(pair.inverse.samples, 40);
  EXPECT_EQ(pair.inverse.clusters, 20) << "both forms of a question are one";
  EXPECT_EQ(pair.inverse.judge, "auto");
  ASSERT_EQ(pair.models.size(), 3U);
  EXPECT_EQ(pair.models[0].model, "openai:beta") << "the best here first";
  EXPECT_EQ(pair.models[0].rank_conventional, 2);
  EXPECT_EQ(pair.models[0].rank_inverse, 1);
  EXPECT_EQ(pair.models[0].change, 1);
  EXPECT_NEAR(pair.models[0].inverse, 80, 1e-9);
  EXPECT_NEAR(pair.models[0].conventional, 50, 1e-9);
  EXPECT_EQ(pair.models[0].run_conventional, "b1");
  EXPECT_EQ(pair.models[0].run_inverse, "b2");
  EXPECT_NEAR(*pair.tau, 1.0 / 3, 1e-12);
  EXPECT_NEAR(*pair.rho, 0.5, 1e-12);
  ASSERT_EQ(pair.inversions.size(), 1U);
  EXPECT_EQ(pair.inversions[0].ahead_conventional, "openai:alpha");
  EXPECT_EQ(pair.inversions[0].ahead_inverse, "openai:beta");
  EXPECT_GT(pair.inversions[0].held, 95);
  EXPECT_EQ(found->cautions, std::vector<std::string>());
  EXPECT_NE(conclusion(pair).find("1 pair changes places, 1 of them"), std::string::npos)
      << conclusion(pair);
}

TEST(CompareBenchmarks, TakeTheAccuracyAskedFor) {
  std::vector<BenchmarkRun> runs = three_models();
  BenchmarkOptions options;
  options.metric = InstructionMetric::instruction_strict;
  runs[0] = conventional("a1", "openai:alpha", 18, options.metric);
  runs[1] = conventional("b1", "openai:beta", 10, options.metric);
  runs[2] = conventional("c1", "openai:gamma", 4, options.metric);
  const auto found = compare_benchmarks(runs, options);
  ASSERT_TRUE(found) << found.error().message;
  // Half of the instructions of the prompts that are not followed.
  EXPECT_NEAR(found->pairs[0].models[0].conventional, 75, 1e-9);
  EXPECT_EQ(parse_instruction_metric("prompt_loose"), InstructionMetric::prompt_loose);
  const auto wrong = parse_instruction_metric("promt_loose");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
  EXPECT_NE(wrong.error().message.find("did you mean 'prompt_loose'"), std::string::npos);
}

TEST(CompareBenchmarks, SaysWhatIsMissing) {
  std::vector<BenchmarkRun> runs = three_models();
  runs.erase(runs.begin() + 4, runs.end());
  EXPECT_EQ(error_of(runs),
            "two models at least must have a run on a conventional benchmark (IFEval, IFBench) and "
            "one on Inverse IFEval; only openai:alpha has; missing on Inverse IFEval: openai:beta, "
            "openai:gamma");
  runs.erase(runs.begin(), runs.begin() + 3);
  EXPECT_EQ(error_of(runs),
            "two models at least must have a run on a conventional benchmark (IFEval, IFBench) and "
            "one on Inverse IFEval; missing on a conventional benchmark: openai:alpha");
}

TEST(CompareBenchmarks, LeaveOutModelsOfOneBenchmarkAndSaySo) {
  std::vector<BenchmarkRun> runs = three_models();
  runs.push_back(inverse("d2", "openai:delta", 9));
  const auto found = compare_benchmarks(runs);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->pairs[0].models.size(), 3U);
  ASSERT_EQ(found->cautions.size(), 1U);
  EXPECT_EQ(found->cautions[0], "Left out, for want of a run on one of the two: openai:delta.");
}

TEST(CompareBenchmarks, EveryConventionalBenchmarkWithEveryInverseOne) {
  std::vector<BenchmarkRun> runs = three_models();
  runs.push_back(
      conventional("a3", "openai:alpha", 5, InstructionMetric::prompt_strict, "ifbench"));
  runs.push_back(conventional("b3", "openai:beta", 9, InstructionMetric::prompt_strict, "ifbench"));
  const auto found = compare_benchmarks(runs);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->pairs.size(), 2U);
  EXPECT_EQ(found->pairs[1].conventional.dataset, "ifbench");
  EXPECT_EQ(found->pairs[1].models.size(), 2U);
  EXPECT_EQ(*found->pairs[1].tau, 1);
}

TEST(CompareBenchmarks, RefuseWhatWouldRankSomethingElse) {
  std::vector<BenchmarkRun> twice = three_models();
  twice.push_back(inverse("a9", "openai:alpha", 5));
  EXPECT_EQ(error_of(twice), "runs a2 and a9 are both of openai:alpha on open: give one of them");

  std::vector<BenchmarkRun> other = three_models();
  other[1] = conventional("b1", "openai:beta", 10, InstructionMetric::prompt_strict, "ifeval", 15);
  EXPECT_EQ(error_of(other),
            "the runs on ifeval have 15 of 20 samples in common. Rank the models on those with "
            "--common");
  BenchmarkOptions common;
  common.common_samples = true;
  const auto found = compare_benchmarks(other, common);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->pairs[0].conventional.samples, 15);
  EXPECT_EQ(found->cautions.size(), 1U);

  std::vector<BenchmarkRun> judged = three_models();
  Fixture fixture = inverse_fixture("b2", "openai:beta", 16);
  fixture.run.spec.judge = "openai:judge";
  judged[4].report = fixture.report();
  EXPECT_NE(error_of(judged).find("runs a2 and b2 on open were judged differently"),
            std::string::npos);
  BenchmarkOptions any;
  any.any_judge = true;
  EXPECT_EQ(error_of(judged, any), "no error");

  std::vector<BenchmarkRun> neither = three_models();
  Fixture plain = empty_fixture();
  plain.run.id = "e1";
  plain.run.spec.dataset = "rubrics.jsonl";
  plain.add_sample("r1", "", Language::english, "?");
  plain.add_rollout(Verdict::pass(""));
  neither.push_back({plain.report(), {}});
  EXPECT_NE(error_of(neither).find("run e1 is on rubrics.jsonl, whose samples have neither"),
            std::string::npos);

  std::vector<BenchmarkRun> undecided = three_models();
  Fixture pending = inverse_fixture("b2", "openai:beta", 16);
  for (Rollout& rollout : pending.rollouts) rollout.judgement.reset();
  undecided[4].report = pending.report();
  EXPECT_EQ(error_of(undecided), "run b2 has no verdict on open: no score is no rank");
  for (Rollout& rollout : pending.rollouts) {
    rollout.judgement = JudgementRecord{
        rollout.response.id, Verdict::none(UnscoredReason::needs_judge, ""), "rules", {}, {}};
  }
  undecided[4].report = pending.report();
  EXPECT_EQ(error_of(undecided), "run b2 has no verdict on open: no score is no rank");
}

TEST(CompareBenchmarks, ModelsAskedForDifferentReasoningAreDifferentModels) {
  std::vector<BenchmarkRun> runs = three_models();
  Fixture fixture = inverse_fixture("b2", "openai:beta", 16);
  fixture.run.spec.params.reasoning = Reasoning{Reasoning::Mode::high};
  runs[4].report = fixture.report();
  const auto found = compare_benchmarks(runs);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->pairs[0].models.size(), 2U);
  EXPECT_EQ(found->cautions[0],
            "Left out, for want of a run on one of the two: openai:beta, openai:beta, reasoning "
            "high.");
}

TEST(CompareBenchmarks, IncompleteRunsAreCautionedAgainst) {
  std::vector<BenchmarkRun> runs = three_models();
  Fixture fixture = inverse_fixture("b2", "openai:beta", 16);
  fixture.rollouts.back().judgement.reset();
  runs[4].report = fixture.report();
  const auto found = compare_benchmarks(runs);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->cautions.size(), 1U);
  EXPECT_NE(found->cautions[0].find("Run b2 (open, openai:beta) is not complete"),
            std::string::npos);
}

std::string rendered(const BenchmarkComparison& comparison, ReportFormat format) {
  RenderOptions options;
  options.width = 80;
  const auto text = render_benchmarks(comparison, format, options);
  return text ? *text : text.error().message;
}

TEST(RenderBenchmarks, EveryFormatHasRanksCoefficientsAndInversions) {
  const auto found = compare_benchmarks(three_models());
  ASSERT_TRUE(found);
  for (const ReportFormat format : {ReportFormat::terminal, ReportFormat::markdown}) {
    const std::string text = rendered(*found, format);
    for (const char* part : {"tau-b 0.33", "rho 0.50", "openai:beta", "Both hold", "80.00"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
    }
  }
  std::size_t widest = 0;
  for (const std::string_view line : split(rendered(*found, ReportFormat::terminal), '\n')) {
    widest = std::max(widest, line.size());
  }
  EXPECT_LE(widest, 80U);

  const auto json = parse_json(rendered(*found, ReportFormat::json));
  ASSERT_TRUE(json) << json.error().message;
  const auto& pair = json->at("comparisons").at(0);
  EXPECT_EQ(pair.at("conventional").at("metric").as_string(), "prompt_strict");
  EXPECT_NEAR(pair.at("tau_b").at("value").to_number<double>(), 0.3333, 1e-9);
  EXPECT_LE(pair.at("tau_b").at("low").to_number<double>(), 0.3334);
  EXPECT_EQ(pair.at("models").at(0).at("inverse").at("run").as_string(), "b2");
  EXPECT_EQ(pair.at("models").at(0).at("change").to_number<double>(), 1);
  EXPECT_GT(pair.at("inversions").at(0).at("held").to_number<double>(), 95);

  const std::string csv = rendered(*found, ReportFormat::csv);
  EXPECT_NE(csv.find("ifeval,open,model,openai:beta,,50,80,2,1,1,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("ifeval,open,inversion,openai:alpha,openai:beta,40,65,,,"), std::string::npos)
      << csv;
  EXPECT_EQ(rendered(*found, ReportFormat::latex),
            "compare-benchmarks has no format 'latex': it is one of terminal, json, md, csv");
}

TEST(RenderBenchmarks, NamesFromOutsideStayText) {
  std::vector<BenchmarkRun> runs = three_models();
  for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
    runs[i].report.spec.model = "=SUM(A1),\"<b>\x1b[31m|`@x";
  }
  const auto found = compare_benchmarks(runs);
  ASSERT_TRUE(found) << found.error().message;
  const std::string csv = rendered(*found, ReportFormat::csv);
  EXPECT_NE(csv.find("\"'=SUM(A1),\"\"<b>"), std::string::npos) << csv;
  EXPECT_EQ(rendered(*found, ReportFormat::terminal).find('\x1b'), std::string::npos);
  EXPECT_EQ(rendered(*found, ReportFormat::markdown).find("<b>"), std::string::npos);
}

}  // namespace
}  // namespace iie
