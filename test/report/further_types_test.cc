// Further types stand beside the eight: no figure of the benchmark changes because they were asked.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "report/comparison.h"
#include "report/corrected.h"
#include "report/fixture.h"
#include "report/published.h"
#include "report/render.h"
#include "report/side_by_side.h"
#include "report/twins.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr ReportFormat kFormats[] = {ReportFormat::terminal, ReportFormat::markdown,
                                     ReportFormat::html, ReportFormat::latex};

// Two pairs of each further type, of which everything fails but what `passes` says; one rollout has
// no verdict.
void add_further(Fixture& fixture, int passes = 0) {
  int step = 0;
  for (const char* code : {"TC", "TS", "PT"}) {
    for (int pair = 1; pair <= 2; ++pair) {
      for (const Language language : kLanguages) {
        Sample& sample = fixture.add_sample(
            fmt::format("{}-{}-{}", code, pair, to_string(language)), code, language, "And now?");
        sample.pair = fmt::format("{}-{}", code, pair);
        sample.domain = "Astronomy";  // which nothing of the eight has
        for (int rollout = 0; rollout < fixture.run.spec.rollouts; ++rollout) {
          Verdict verdict = Verdict::fail("a list");
          verdict.criteria.push_back({"c1", Outcome::fail, "a list"});
          if (step < passes) verdict = Verdict::pass("kept");
          if (step == passes) verdict = Verdict::none(UnscoredReason::judge_failed, "HTTP 503");
          fixture.add_rollout(verdict, "- Rhine");
          ++step;
        }
      }
    }
  }
}

Fixture with_further(int strength = 6, int passes = 0) {
  Fixture fixture = example_fixture(strength);
  add_further(fixture, passes);
  return fixture;
}

Fixture further_only() {
  Fixture fixture = empty_fixture(2);
  add_further(fixture, 9);
  return fixture;
}

// Without what is said of further types, and of the run as a whole.
void leave_benchmark(bj::value& value) {
  if (value.is_array()) {
    for (bj::value& element : value.get_array()) leave_benchmark(element);
  } else if (value.is_object()) {
    bj::object& object = value.get_object();
    for (const char* key : {"further_types", "further_cells", "further_unscored", "examples"}) {
      object.erase(key);
    }
    for (auto& field : object) leave_benchmark(field.value());
  }
}

bj::value benchmark_of(const Report& report) {
  bj::value json = parse_json(render({report}, ReportFormat::json, {.published = true})).value();
  for (const char* key : {"complete", "model", "judge", "dataset", "tokens", "time"}) {
    json.get_object().erase(key);
  }
  leave_benchmark(json);
  return json;
}

std::string labels_for(const Fixture& fixture) {
  std::string out;
  int step = 0;
  for (const Sample& sample : fixture.samples) {
    out +=
        fmt::format("{{\"id\":\"{}\",\"rollout\":0,\"label\":{}}}\n", sample.id, ++step % 3 != 0);
  }
  return out;
}

TEST(FurtherTypes, ChangeNoFigureOfTheBenchmark) {
  const Fixture plain = example_fixture();
  const Fixture both = with_further();
  EXPECT_EQ(to_pretty_json(benchmark_of(plain.report())),
            to_pretty_json(benchmark_of(both.report())));
  const Report report = both.report();
  EXPECT_EQ(report.further_types().size(), 3u);
  EXPECT_EQ(report.headline_types().size(), 8u);
  for (const Group& domain : report.by_domain) EXPECT_NE(domain.key, "Astronomy");
}

TEST(FurtherTypes, ChangeNoCorrectionForTheJudge) {
  const auto powered = [](const Fixture& fixture) {
    const auto labels = RunLabels::parse(labels_for(fixture), "l.jsonl", fixture.samples,
                                         fixture.run.spec.rollouts);
    EXPECT_TRUE(labels) << labels.error().message;
    ReportOptions options;
    options.labels = &*labels;
    return fixture.report(options).powered.value();
  };
  const PoweredReport plain = powered(example_fixture());
  const PoweredReport both = powered(with_further());
  ASSERT_TRUE(plain.pooled);
  EXPECT_EQ(both.pooled->score, plain.pooled->score);
  EXPECT_EQ(both.pooled->low, plain.pooled->low);
  EXPECT_EQ(both.by_cells.overall.n, plain.by_cells.overall.n);
  EXPECT_EQ(both.by_cells.overall.missing, plain.by_cells.overall.missing);
  EXPECT_GT(both.by_cells.cells.size(), plain.by_cells.cells.size());
}

TEST(FurtherTypes, ChangeNoCorrectedPValueOfTheEight) {
  const auto plain = compare_reports(example_fixture(5).report(), example_fixture(8).report());
  const auto both = compare_reports(with_further(5).report(), with_further(8, 20).report());
  ASSERT_TRUE(plain && both);
  ASSERT_EQ(plain->by_type.size(), 8u);
  ASSERT_EQ(both->by_type.size(), 11u);
  EXPECT_EQ(both->overall.difference, plain->overall.difference);
  EXPECT_EQ(both->overall.p, plain->overall.p);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(both->by_type[i].p_holm, plain->by_type[i].p_holm) << plain->by_type[i].key;
  }
  for (std::size_t i = 8; i < 11; ++i) {
    EXPECT_FALSE(both->by_type[i].headline);
    // A family of three.
    EXPECT_LE(both->by_type[i].p_holm.value(), 3 * both->by_type[i].p + 1e-12);
  }
  const bj::value json =
      parse_json(render_comparison(*both, ReportFormat::json, {}).value()).value();
  EXPECT_EQ(json.at("by_type").as_array().size(), 8u);
  EXPECT_EQ(json.at("further_types").as_array().size(), 3u);
}

TEST(FurtherTypes, StandInNoPublishedTable) {
  const PublishedComparison found = compare_with_published({with_further().report()});
  ASSERT_EQ(found.sections.size(), 2u);
  for (const PublishedComparison::Section& section : found.sections) {
    for (const ComparedRow& row : section.rows) EXPECT_EQ(row.cells.size(), 8u) << row.model;
  }
}

TEST(FurtherTypes, AloneHaveNothingToStandBesidePublishedRows) {
  Fixture fixture = further_only();
  fixture.run.spec.dataset_format = "official";
  const PublishedComparison found = compare_with_published({fixture.report()});
  EXPECT_FALSE(found.comparable);
  EXPECT_TRUE(found.sections.empty());
  EXPECT_NE(found.remark.find("of which these runs asked none"), std::string::npos);
}

TEST(FurtherTypes, HaveASectionOfTheirOwnInEveryFormat) {
  const std::vector<Report> reports = {with_further(6, 9).report()};
  const std::string text = render(reports, ReportFormat::terminal, {.examples = 0});
  const std::size_t overall = text.find("\n  all ");
  const std::size_t section = text.find("\nFurther types\n");
  ASSERT_NE(section, std::string::npos) << text;
  EXPECT_LT(overall, section);  // behind the eight and their sum
  EXPECT_EQ(text.substr(0, section).find("  TC "), std::string::npos);
  EXPECT_NE(text.find("  TC ", section), std::string::npos);
  EXPECT_NE(text.find("Unscored of further types", section), std::string::npos);
  const std::string markdown = render(reports, ReportFormat::markdown, {});
  EXPECT_LT(markdown.find("**overall**"), markdown.find("## Further types\n"));
  EXPECT_GT(markdown.find("| TC Two Conventions Broken"), markdown.find("## Further types\n"));
  EXPECT_NE(render(reports, ReportFormat::html, {}).find("<section id=\"further_types\""),
            std::string::npos);
  EXPECT_NE(render(reports, ReportFormat::latex, {}).find("Further types"), std::string::npos);
  const std::string csv = render(reports, ReportFormat::csv, {});
  EXPECT_NE(csv.find("0123456789ab,further_type,TC,all,8,8,0,100,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",further_cell,PT,chinese,"), std::string::npos);
  EXPECT_EQ(csv.find(",type,TC,"), std::string::npos);
  EXPECT_EQ(csv.find(",failed_partial,TC,"), std::string::npos);
  const bj::value json = parse_json(render(reports, ReportFormat::json, {})).value();
  EXPECT_EQ(json.at("by_type").as_array().size(), 8u);
  EXPECT_EQ(json.at("cells").as_array().size(), 16u);
  EXPECT_EQ(json.at("further_types").as_array().size(), 3u);
  EXPECT_EQ(json.at("further_cells").as_array().size(), 6u);
  EXPECT_FALSE(json.at("further_types").at(0).at("headline").as_bool());
  EXPECT_EQ(json.at("further_unscored").at(0).at("reason").as_string(), "judge_failed");
}

TEST(FurtherTypes, StandBelowTheOthersSideBySide) {
  const std::vector<Report> reports = {with_further(6).report(), with_further(9, 12).report()};
  const std::string text = render(reports, ReportFormat::terminal, {.examples = 0});
  EXPECT_LT(text.find("\n  CA "), text.find("\n  TC* "));
  EXPECT_NE(text.find("* Beside the eight types of the benchmark"), std::string::npos) << text;
  EXPECT_NE(render(reports, ReportFormat::markdown, {}).find("| TC Two Conventions Broken \\* |"),
            std::string::npos);
  // A run without them has no line about them.
  const std::vector<Report> plain = {example_fixture(6).report(), example_fixture(9).report()};
  EXPECT_EQ(render(plain, ReportFormat::terminal, {}).find("Beside the eight"), std::string::npos);
}

TEST(FurtherTypes, AloneHaveNoOverallScore) {
  const Report report = further_only().report();
  EXPECT_TRUE(report.has_no_overall());
  EXPECT_FALSE(report.overall.score);
  EXPECT_TRUE(report.by_language.empty());
  EXPECT_TRUE(report.by_domain.empty());
  EXPECT_FALSE(report.language_gap);
  for (const ReportFormat format : kFormats) {
    const std::string text = render({report}, format, {.published = true});
    EXPECT_EQ(text.find("no verdict yet"), std::string::npos) << to_string(format);
    if (format == ReportFormat::latex) continue;  // tables only
    EXPECT_NE(text.find("no overall score: none of the questions is of the benchmark's eight"),
              std::string::npos)
        << to_string(format);
  }
  const bj::value json = parse_json(render({report}, ReportFormat::json, {})).value();
  EXPECT_TRUE(json.at("overall").at("score").is_null());
  EXPECT_TRUE(json.at("overall").at("interval").is_null());
  EXPECT_TRUE(json.at("by_type").as_array().empty());
  EXPECT_EQ(json.at("further_types").as_array().size(), 3u);
  // An ordinary run that is not done yet is no such run.
  EXPECT_FALSE(example_fixture().report().has_no_overall());
}

// Two runs that share nothing but further types: their difference, never under the name of the
// benchmark's overall.
TEST(FurtherTypes, AloneAreComparedAsWhatTheyAre) {
  Fixture fixture = empty_fixture(2);
  add_further(fixture, 20);
  const Report weaker = further_only().report();
  const Report stronger = fixture.report();
  const auto compared = compare_reports(weaker, stronger);
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->overall.key, "further");
  EXPECT_FALSE(compared->overall.headline);
  EXPECT_EQ(compared->overall.samples, 12);
  EXPECT_EQ(compared->overall.clusters, 6);
  EXPECT_NEAR(compared->overall.difference, 100.0 * (20 - 9) / 24, 1e-9);
  EXPECT_EQ(compared->by_type.size(), 3u);
  EXPECT_EQ(compared->by_language.size(), 2u);
  EXPECT_FALSE(compared->cautions.empty()) << "each has a rollout without a verdict";
  for (const ReportFormat format :
       {ReportFormat::terminal, ReportFormat::markdown, ReportFormat::csv}) {
    const std::string text = render_comparison(*compared, format, {}).value();
    EXPECT_EQ(text.find("overall,"), std::string::npos) << text;
    EXPECT_NE(text.find("further"), std::string::npos) << text;
    if (format == ReportFormat::csv) continue;
    EXPECT_NE(text.find("Further types alone, which are in no overall score"), std::string::npos)
        << text;
  }
  const bj::value json =
      parse_json(render_comparison(*compared, ReportFormat::json, {}).value()).value();
  EXPECT_TRUE(json.at("overall").is_null());
  EXPECT_EQ(json.at("further").at("samples"), 12);
  // Runs that share questions of the eight are compared by them, as ever.
  const auto both = compare_reports(with_further(4).report(), with_further(6).report());
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->overall.key, "overall");
  EXPECT_FALSE(parse_json(render_comparison(*both, ReportFormat::json, {}).value())
                   ->as_object()
                   .contains("further"));
  // Nothing of a thinking pair, which is about the overall score.
  Report plain = weaker;
  Report thinking = stronger;
  plain.spec.params.reasoning = reasoning_from("off");
  thinking.spec.params.reasoning = reasoning_from("high");
  EXPECT_TRUE(thinking_pairs({plain, thinking}).empty());
}

TEST(FurtherTypes, ArePartOfNoInertiaGapButTheirOwn) {
  std::vector<Sample> samples;
  for (const char* code : {"QC", "QC", "PT", "PT"}) {
    Sample sample;
    sample.id = fmt::format("s{}", samples.size());
    sample.type = code;
    samples.push_back(std::move(sample));
  }
  for (int i = 0; i < 4; ++i) {
    Sample twin = samples[static_cast<std::size_t>(i)];
    twin.id += "/twin";
    samples.push_back(std::move(twin));
  }
  TwinTally tally(samples, 4, 1);
  for (std::int32_t i = 0; i < 8; ++i) {
    // Items of PT fail and their twins pass; of QC both pass.
    const bool passes = i != 2 && i != 3;
    const RolloutId id{i, 0};
    const JudgementRecord judged{
        id, passes ? Verdict::pass("") : Verdict::fail(""), "rules", {}, {}};
    tally.add(id, nullptr, &judged);
  }
  const TwinReport found = tally.finish(0.95);
  ASSERT_TRUE(found.overall);
  EXPECT_EQ(found.overall->gap, 0);
  EXPECT_EQ(found.overall->samples, 2);
  ASSERT_EQ(found.by_type.size(), 2u);
  EXPECT_EQ(found.by_type[1].key, "PT");
  EXPECT_EQ(found.by_type[1].gap, 100);
  EXPECT_FALSE(found.by_type[1].headline);
}

TEST(FurtherTypes, ChangeNoFigureOfAPanelsMembers) {
  const auto judged = [](bool further) {
    Fixture fixture = empty_fixture();
    fixture.run.spec.judge = "panel:openai:a,openai:b";
    const auto add = [&](const char* id, const char* type, Outcome a, Outcome b) {
      fixture.add_sample(id, type, Language::english, "?");
      Rollout& rollout = fixture.add_rollout(Verdict::pass(""));
      rollout.judgement->verdict.members = {{"openai:a", a, {}}, {"openai:b", b, {}}};
    };
    add("qc-1", "QC", Outcome::pass, Outcome::pass);
    add("qc-2", "QC", Outcome::pass, Outcome::fail);
    if (further) add("pt-1", "PT", Outcome::fail, Outcome::pass);
    return fixture.report().judges.value();
  };
  const SeveralJudges plain = judged(false);
  const SeveralJudges both = judged(true);
  ASSERT_EQ(both.judges.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(both.judges[i].member->n, 2);
    EXPECT_EQ(both.judges[i].member->score, plain.judges[i].member->score);
  }
  EXPECT_EQ(both.agreement->responses, plain.agreement->responses);
  EXPECT_EQ(both.agreement->raw, plain.agreement->raw);
}

TEST(FurtherTypes, AConversationIsShownWhole) {
  Fixture fixture = empty_fixture();
  Sample& sample =
      fixture.add_sample("pt-1", "PT", Language::english, "No lists in this chat, ok?");
  sample.question.messages.push_back({Role::assistant, "Running text it is."});
  sample.question.messages.push_back({Role::user, "The steps, please."});
  fixture.add_rollout(Verdict::fail("a list"), "1. Open it.");
  const Report report = fixture.report();
  ASSERT_EQ(report.examples.size(), 1u);
  const Example& example = report.examples.front();
  ASSERT_EQ(example.earlier.size(), 2u);
  EXPECT_EQ(example.earlier[0].role, "user");
  EXPECT_EQ(example.earlier[1].role, "assistant");
  EXPECT_EQ(example.prompt, "The steps, please.");
  for (const ReportFormat format : kFormats) {
    const std::string text = render({report}, format, {.examples = 1});
    const std::size_t first = text.find("No lists in this chat, ok?");
    const std::size_t second = text.find("Running text it is.");
    const std::size_t last = text.find("The steps, please.");
    ASSERT_NE(last, std::string::npos) << to_string(format);
    EXPECT_LT(first, second) << to_string(format);
    EXPECT_LT(second, last) << to_string(format);
  }
  const bj::value json = parse_json(render({report}, ReportFormat::json, {})).value();
  EXPECT_EQ(json.at("examples").at(0).at("earlier").at(1).at("role").as_string(), "assistant");
}

TEST(FurtherTypes, OfALongConversationTheBeginningAndTheEndAreShown) {
  Fixture fixture = empty_fixture();
  Sample& sample = fixture.add_sample("pt-1", "PT", Language::english, "turn 0");
  for (int i = 1; i <= 1000; ++i) {
    sample.question.messages.push_back(
        {i % 2 == 0 ? Role::user : Role::assistant, fmt::format("turn {}", i)});
  }
  fixture.add_rollout(Verdict::fail("a list"), "1. Open it.");
  const Example example = fixture.report().examples.at(0);
  ASSERT_EQ(example.earlier.size(), 13u);
  EXPECT_EQ(example.earlier[3].text, "turn 3");
  EXPECT_EQ(example.earlier[4].role, "...");
  EXPECT_EQ(example.earlier[4].text, "988 turns left out");
  EXPECT_EQ(example.earlier[5].text, "turn 992");
  EXPECT_EQ(example.earlier[12].text, "turn 999");
  EXPECT_EQ(example.prompt, "turn 1000");
}

}  // namespace
}  // namespace iie
