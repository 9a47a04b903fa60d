#include "report/render.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "report/fixture.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"

namespace iie {
namespace {

constexpr ReportFormat kFormats[] = {ReportFormat::terminal, ReportFormat::json,
                                     ReportFormat::markdown, ReportFormat::csv,
                                     ReportFormat::latex};  // html: html_test.cc

// Three samples with every way to end, and nothing else.
Fixture small_fixture() {
  Fixture fixture = empty_fixture(2);
  fixture.run.spec.judge = "auto:openai:judge-1";
  fixture.run.spec.judge_endpoint = "https://judge.example.com/v1";
  fixture.run.spec.params.temperature = 0.7;
  fixture.run.spec.params.max_tokens = 4096;
  fixture.add_sample("qc-001-en", "QC", Language::english, "Which of the three is right?").domain =
      "Math";
  Rollout& passed =
      fixture.add_rollout(Verdict::pass("says that none is right"), "None is.", "openai:judge-1");
  passed.response.response->usage = {
      .input_tokens = 31, .output_tokens = 12, .reasoning_tokens = 8};
  passed.response.response->latency = std::chrono::milliseconds(1250);
  passed.response.response->model = "example-1-2026-01-01";
  JudgeCall call;
  call.usage.input_tokens = 500;
  call.latency = std::chrono::milliseconds(400);
  passed.judgement->calls = {{.readable = false}, call};
  fixture.add_rollout(Verdict::none(UnscoredReason::unreadable_reply, "no verdict in 3 replies"));
  fixture.add_sample("ccf-001-zh", "CCF", Language::chinese, "请给三条建议，\n不要用列表。")
      .domain = "Daily Life";
  Verdict broken = Verdict::fail("2 list items where none may be");
  broken.criteria = {{"c1", Outcome::fail, "list items: \"- 早睡\""}};
  fixture.add_rollout(broken, "好的：\n- 早睡\n- 早起").response.response->finish =
      FinishReason::length;
  fixture.add_error("HTTP 503 from https://api.example.com/v1: overloaded");
  fixture.add_sample("task-3", "", std::nullopt, "Say nothing.");
  fixture.add_rollout(Verdict::fail("the response is blank"), "", "blank");
  fixture.add_pending();
  return fixture;
}

void expect_case(const std::string& name, const std::string& text) {
  const std::string path = IIE_SOURCE_DIR "/test/cases/report/" + name;
  if (get_env("IIE_UPDATE_CASES")) {
    ASSERT_TRUE(write_file(path, text));
  }
  const auto expected = read_file(path);
  ASSERT_TRUE(expected) << expected.error().message;
  EXPECT_EQ(text, *expected) << name << ": IIE_UPDATE_CASES=1 writes the files anew";
}

std::vector<Report> two_runs() {
  Fixture other = example_fixture(9);
  other.run.id = "fedcba987654";
  other.run.spec.model = "openai:example-2";
  other.run.spec.judge = "auto:openai:judge-1";
  return {example_fixture(6).report(), other.report()};
}

bool matches_any(std::string_view text, std::initializer_list<std::string_view> needles) {
  for (const std::string_view needle : needles) {
    if (text.find(needle) != text.npos) return true;
  }
  return false;
}

TEST(Render, MatchesTheCaseFiles) {
  const RenderOptions options{.examples = 1};
  expect_case("example.txt", render({example_fixture().report()}, ReportFormat::terminal, options));
  expect_case("two_runs.txt", render(two_runs(), ReportFormat::terminal, options));
  expect_case("two_runs.md", render(two_runs(), ReportFormat::markdown, options));
  const std::vector<Report> small = {small_fixture().report()};
  expect_case("small.txt", render(small, ReportFormat::terminal, {.width = 80}));
  expect_case("small.json", render(small, ReportFormat::json));
  expect_case("small.md", render(small, ReportFormat::markdown));
  expect_case("small.csv", render(small, ReportFormat::csv));
}

TEST(Render, GivesTheSameBytesWhereverTheRunWasMade) {
  const Fixture here = small_fixture();
  Fixture there = small_fixture();
  there.run.created = WallTime(std::chrono::milliseconds(1'767'225'600'000));
  there.run.spec.responses_file = "/somewhere/else.jsonl";
  for (Rollout& rollout : there.rollouts) {
    rollout.response.at = there.run.created;
    rollout.response.attempts = 3;
    if (rollout.judgement) rollout.judgement->at = there.run.created;
  }
  for (const ReportFormat format : kFormats) {
    const RenderOptions options{.published = true};
    EXPECT_EQ(render({here.report()}, format, options), render({there.report()}, format, options))
        << to_string(format);
  }
}

TEST(Render, JsonHoldsWhatItPromises) {
  const auto document =
      parse_json(render({example_fixture().report()}, ReportFormat::json)).value();
  const auto& overall = document.at("overall").as_object();
  EXPECT_EQ(document.at("schema").as_int64(), 1);
  EXPECT_EQ(overall.at("score").to_number<double>(), 59.375);
  EXPECT_EQ(overall.at("n").as_int64(), 64);
  EXPECT_EQ(overall.at("passed").as_int64(), 38);
  EXPECT_EQ(overall.at("unscored").as_int64(), 2);
  EXPECT_GT(overall.at("interval").at("low").to_number<double>(), 40);
  EXPECT_LT(overall.at("interval").at("high").to_number<double>(), 80);
  EXPECT_EQ(overall.at("interval").at("level").to_number<double>(), 0.95);
  EXPECT_TRUE(overall.at("interval").at("method").is_string());
  EXPECT_EQ(document.at("by_type").as_array().size(), 8u);
  EXPECT_EQ(document.at("by_language").as_array().size(), 2u);
  EXPECT_EQ(document.at("cells").as_array().size(), 16u);
  EXPECT_TRUE(document.at("judge").at("error").is_null());
  EXPECT_EQ(document.at("dataset").at("samples").as_int64(), 32);
  EXPECT_TRUE(document.at("tokens").at("judge").at("input").is_null());
  EXPECT_TRUE(document.at("time").at("judge").is_null());
}

TEST(Render, JsonOfSeveralRunsIsAnArray) {
  const auto document = parse_json(render(two_runs(), ReportFormat::json)).value();
  const auto& runs = document.at("runs").as_array();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].at("run").at("id").as_string(), "fedcba987654");
  EXPECT_EQ(document.at("cautions").as_array().size(), 1u);
  EXPECT_FALSE(document.as_object().contains("overall"));
}

// Every key in `value`, except below objects whose keys are data.
void collect_keys(const boost::json::value& value, std::set<std::string>& keys) {
  static const std::set<std::string> kMaps = {"decided_by", "served_as", "finish", "params"};
  if (value.is_array()) {
    for (const auto& element : value.get_array()) collect_keys(element, keys);
  } else if (value.is_object()) {
    for (const auto& [name, field] : value.get_object()) {
      const std::string key(name);
      if (find_instruction_type(key) != nullptr) continue;
      keys.insert(key);
      if (!kMaps.contains(key)) collect_keys(field, keys);
    }
  }
}

TEST(Render, JsonHoldsNothingUndocumented) {
  const auto doc = read_file(IIE_SOURCE_DIR "/doc/report-format.md");
  ASSERT_TRUE(doc) << doc.error().message;
  std::set<std::string> keys;
  Fixture instructed = small_fixture();
  instructed.samples[0].instructions = {{"punctuation:no_comma", "{}"}};
  for (const std::vector<Report>& reports :
       {std::vector{small_fixture().report()}, two_runs(), std::vector{instructed.report()}}) {
    const std::string json = render(reports, ReportFormat::json, {.published = true});
    collect_keys(parse_json(json).value(), keys);
  }
  EXPECT_GT(keys.size(), 60u);
  for (const std::string& key : keys) {
    EXPECT_TRUE(doc->find("`" + key + "`") != doc->npos ||
                doc->find("\"" + key + "\"") != doc->npos)
        << key << " is not in doc/report-format.md";
  }
}

TEST(Render, NeverShowsAScoreOfNothing) {
  Fixture unjudged = empty_fixture();
  unjudged.add_sample("a", "QC", Language::english, "?");
  for (const Fixture& fixture : {empty_fixture(), unjudged}) {
    const std::vector<Report> one = {fixture.report()};
    const std::vector<Report> two = {fixture.report(), fixture.report()};
    for (const ReportFormat format : kFormats) {
      for (const std::vector<Report>& reports : {one, two}) {
        const std::string text =
            render(reports, format, {.published = format != ReportFormat::csv});
        EXPECT_FALSE(matches_any(ascii_lower(text), {"nan,", "nan ", "nan\n", "inf ", "inf,"}));
        EXPECT_EQ(text.find("0.00 ["), std::string::npos);
      }
    }
    const auto document = parse_json(render(one, ReportFormat::json)).value();
    EXPECT_TRUE(document.at("overall").at("score").is_null());
    EXPECT_TRUE(document.at("overall").at("interval").is_null());
    EXPECT_TRUE(document.at("overall").at("bounds").is_null());
    EXPECT_NE(render(one, ReportFormat::csv).find("overall,all,0,0,0,,,,"), std::string::npos);
  }
}

TEST(Render, MarksARunThatIsNotComplete) {
  const std::vector<Report> reports = {small_fixture().report()};
  EXPECT_NE(render(reports, ReportFormat::terminal).find("inverse-ifeval resume 0123456789ab"),
            std::string::npos);
  EXPECT_NE(render(reports, ReportFormat::markdown).find("Incomplete"), std::string::npos);
  EXPECT_FALSE(parse_json(render(reports, ReportFormat::json)).value().at("complete").as_bool());
}

TEST(Render, SaysWhatToDoAboutUnscoredRollouts) {
  const std::string text = render({small_fixture().report()}, ReportFormat::terminal);
  EXPECT_NE(text.find("the judge answered without a verdict; try another --judge"),
            std::string::npos);
  EXPECT_NE(text.find("the model gave no response"), std::string::npos);
  EXPECT_NE(render({example_fixture().report()}, ReportFormat::terminal)
                .find("needs a judge; add --judge openai:NAME"),
            std::string::npos);
}

TEST(Render, StaysWithinTheWidth) {
  Fixture fixture = example_fixture();
  for (Rollout& rollout : fixture.rollouts) {
    if (rollout.response.response) {
      for (int i = 0; i < 40; ++i) rollout.response.response->text += "很长的回答word ";
    }
  }
  Report wide = fixture.report();
  wide.spec.judge = "auto:openai:" + std::string(300, 'x');
  for (const int width : {80, 100, 120}) {
    for (const std::vector<Report>& reports :
         {std::vector<Report>{wide}, std::vector<Report>(5, wide)}) {
      const std::string text =
          render(reports, ReportFormat::terminal, {.width = width, .published = true});
      for (const std::string_view line : split(text, '\n')) {
        EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
      }
    }
  }
}

TEST(Render, ColourChangesNothingButColour) {
  const std::vector<Report> reports = {small_fixture().report()};
  const std::string plain = render(reports, ReportFormat::terminal);
  std::string colour = render(reports, ReportFormat::terminal, {.colour = true});
  EXPECT_NE(colour, plain);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  for (std::size_t at = colour.find('\x1b'); at != colour.npos; at = colour.find('\x1b')) {
    colour.erase(at, colour.find('m', at) + 1 - at);
  }
  EXPECT_EQ(colour, plain);
}

// Everything that a model, a judge or a dataset may write.
Fixture hostile_fixture() {
  const std::string evil =
      "\x1b]0;owned\x07\x1b[2J=HYPERLINK(\"http://evil\")|<script>alert(1)</script>``` "
      "![x](http://e) "
      "\xff\xfe \u202Egnp.exe \u009b31m @everyone www.evil.example\n# heading\n| a | b |";
  Fixture fixture = empty_fixture();
  fixture.run.spec.model = "=cmd|' /C calc'!A0";
  fixture.run.spec.dataset = evil;
  Sample& sample = fixture.add_sample("-1+1" + evil, "QC", Language::english, evil);
  sample.domain = "@SUM(A1)," + evil;
  sample.question.rubric[0].text = evil;
  Verdict verdict = Verdict::fail(evil);
  verdict.criteria = {{"c1", Outcome::fail, evil}};
  fixture.add_rollout(verdict, evil, "openai:" + evil).response.response->model = evil;
  fixture.add_sample("b", "", Language::english, "?");
  fixture.add_rollout(Verdict::none(UnscoredReason::judge_failed, evil));
  return fixture;
}

TEST(Render, DefusesHostileText) {
  for (const ReportFormat format : kFormats) {
    const std::string text = render({hostile_fixture().report()}, format);
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_FALSE(matches_any(text, {"\x1b", "\x07"})) << to_string(format);
    if (format == ReportFormat::terminal || format == ReportFormat::markdown) {
      EXPECT_FALSE(matches_any(text, {"\u202E", "\u009b"})) << to_string(format);
    }
  }
}

TEST(Render, CsvHoldsNoFormula) {
  const std::string text = render({hostile_fixture().report()}, ReportFormat::csv);
  for (const std::string_view line : split(text, '\n')) {
    EXPECT_EQ(line.find(",="), line.npos) << line;
    EXPECT_EQ(line.find(",@"), line.npos) << line;
    EXPECT_EQ(line.find(",\"@"), line.npos) << line;
  }
  EXPECT_NE(text.find(",\"'@SUM(A1),"), std::string::npos);
  EXPECT_NE(text.find(",'=cmd|"), std::string::npos);
}

// `line` without its code spans: a run of backticks up to the next run of the same length.
std::string outside_code(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] != '`' || (at > 0 && line[at - 1] == '\\')) {
      out += line[at++];
      continue;
    }
    const std::size_t open = std::min(line.find_first_not_of('`', at), line.size());
    const std::string fence(line.substr(at, open - at));
    std::size_t close = line.find(fence, open);
    while (close != line.npos &&
           (line[close - 1] == '`' || line.substr(close + fence.size()).starts_with('`'))) {
      close = line.find(fence, close + 1);
    }
    EXPECT_NE(close, line.npos) << "an open code span: " << line;
    if (close == line.npos) return out;
    at = close + fence.size();
  }
  return out;
}

// Latin Modern, which documents have unless they say otherwise, lacks all of these.
TEST(Render, LatexKeepsSymbolsThatItsFontsLack) {
  EXPECT_EQ(latex_text("a ≈ b → c ↵ x² H₂O 10⁻⁹ λ"),
            "a $\\approx$ b $\\rightarrow$ c $\\hookleftarrow$ x² H$_2$O 10$^-$$^9$ $\\lambda$");
  EXPECT_EQ(latex_text("🌊①"), "{\\footnotesize U+1F30A}\\textcircled{\\scriptsize 1}");
  EXPECT_EQ(latex_text("/3v3ry3v3ning3th3laundry.r"), "/3v3ry3v3ning3th3laundry.\\allowbreak{}r");
  EXPECT_EQ(latex_text("--judge ''"), "-{}-judge '{}'");
  EXPECT_EQ(latex_text("天 “é” – Ж"), "天 “é” – Ж");
  EXPECT_EQ(latex_text("\xE2\x89"), "\xE2\x89");  // half a character
}

TEST(Render, LatexHoldsNoCommandOfOthersAndBalances) {
  EXPECT_EQ(latex_text("\\input{/etc/passwd} 100 % a_b $x$ #1 ~ ^ & [x]"),
            "\\textbackslash{}input\\{/etc/passwd\\} 100 \\% a\\_b \\$x\\$ \\#1 "
            "\\textasciitilde{} \\textasciicircum{} \\& {[}x{]}");
  Fixture fixture = example_fixture();
  fixture.run.spec.model = "openai:\\write18{rm}\n\\end{document}%{";
  for (Rollout& rollout : fixture.rollouts) {
    if (rollout.response.response) rollout.response.response->text = "}}\\def\\x{\\x}\\x % {{";
  }
  for (const std::vector<Report>& reports :
       {std::vector{fixture.report()}, std::vector{fixture.report(), example_fixture().report()}}) {
    const std::string text = render(reports, ReportFormat::latex, {.published = true});
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;  // an escaped brace, or a command's first letter
      } else if (text[i] == '{') {
        ++depth;
      } else if (text[i] == '}') {
        ASSERT_GE(--depth, 0);
      } else if (text[i] == '%') {
        const std::size_t line = text.rfind('\n', i);
        const bool ours = line == text.npos || line + 1 == i || text[i + 1] == '\n';
        EXPECT_TRUE(ours) << text.substr(i, 60);
        if (ours && text[i + 1] != '\n') i = text.find('\n', i);
      }
    }
    EXPECT_EQ(depth, 0);
    for (const std::string_view command : {"\\input", "\\write18", "\\def", "\\end{document}"}) {
      const std::size_t found = text.find(command, text.find("\\begin{table}"));
      EXPECT_EQ(found, text.npos) << command;
    }
    EXPECT_NE(text.find("\\begin{tabular}"), text.npos);
    EXPECT_NE(text.find("\\label{tab:scores_english}"), text.npos);
  }
}

TEST(Render, MarkdownCannotBeBrokenOutOf) {
  const std::string text = render({hostile_fixture().report()}, ReportFormat::markdown);
  for (const std::string_view line : split(text, '\n')) {
    // Only our own headings, tables and lists start a line.
    EXPECT_FALSE(line.starts_with("# heading") || line.starts_with("| a")) << line;
    const std::string live = outside_code(line);
    for (std::size_t at = 0; at < live.size(); ++at) {
      const bool escaped = at > 0 && live[at - 1] == '\\';
      if (!escaped) {
        EXPECT_NE(live[at], '<') << line;
        EXPECT_NE(live[at], '@') << line;
        EXPECT_NE(live.substr(at, 4), "www.") << line;
        EXPECT_NE(live.substr(at, 3), "://") << line;
      }
    }
    if (line.starts_with("|")) {
      std::size_t bars = 0;
      for (std::size_t at = 0; at < live.size(); ++at) {
        bars += live[at] == '|' && (at == 0 || live[at - 1] != '\\');
      }
      EXPECT_TRUE(bars == 4 || bars == 5) << line;  // of the domain table and the type table
    }
  }
}

TEST(Render, CutsRunsSideBySideIntoBlocksThatFit) {
  const std::vector<Report> runs(30, example_fixture().report());
  const std::string text = render(runs, ReportFormat::terminal);
  EXPECT_NE(text.find("  AD  "), std::string::npos);  // the 30th
  std::size_t blocks = 0;
  for (std::size_t at = text.find("  Overall"); at != text.npos;
       at = text.find("  Overall", at + 1)) {
    ++blocks;
  }
  EXPECT_GT(blocks, 5u);
}

TEST(ReportFormatName, IsParsedOrAnswered) {
  EXPECT_EQ(parse_report_format("JSON").value(), ReportFormat::json);
  EXPECT_EQ(parse_report_format("markdown").value(), ReportFormat::markdown);
  for (const ReportFormat format : kFormats) {
    EXPECT_EQ(parse_report_format(to_string(format)).value(), format);
  }
  const auto wrong = parse_report_format("jsn");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
  EXPECT_NE(wrong.error().message.find("did you mean 'json'"), std::string::npos);
}

}  // namespace
}  // namespace iie
