// The HTML report: what it may hold, checked on its text everywhere, and in a browser where there
// is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/json.h"
#include "report/fixture.h"
#include "report/render.h"
#include "support/process.h"

namespace iie {
namespace {

constexpr std::string_view kHostile[] = {
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "<!--<script>",
    "]]>&lt;script&gt;",
    "javascript:alert(1)",
    "</style><style>@import 'http://example.com'",
};

Fixture hostile_fixture() {
  Fixture fixture = example_fixture();
  std::size_t next = 0;
  const auto hostile = [&] { return std::string(kHostile[next++ % std::size(kHostile)]); };
  for (std::size_t i = 0; i < fixture.samples.size(); ++i) {
    fixture.samples[i].id += hostile();
    fixture.samples[i].question.messages[0].content = hostile();
    fixture.samples[i].question.rubric[0].text = hostile();
    fixture.samples[i].domain = hostile();
    if (i % 5 == 0) fixture.samples[i].type = hostile();
  }
  for (Rollout& rollout : fixture.rollouts) {
    if (rollout.response.response) {
      rollout.response.response->text = hostile();
      rollout.response.response->model = hostile();
    }
    if (rollout.judgement) {
      rollout.judgement->verdict.reason = hostile();
      rollout.judgement->judge = hostile();
      for (CriterionVerdict& one : rollout.judgement->verdict.criteria) one.reason = hostile();
    }
  }
  fixture.run.spec.model = "openai:" + std::string(kHostile[0]) + std::string(kHostile[1]);
  fixture.run.spec.judge = kHostile[2];
  fixture.run.spec.dataset = kHostile[4];
  fixture.run.tool_version = kHostile[1];
  return fixture;
}

// Name and attributes of every tag, in order; the contents of script and style are skipped. A stray
// "<" is a tag named "?".
struct Tag {
  std::string name;  // "/p" for an end tag
  std::string attributes;
};
std::vector<Tag> tags_of(std::string_view html) {
  std::vector<Tag> out;
  for (std::size_t at = 0; (at = html.find('<', at)) != html.npos;) {
    const std::size_t end = html.find('>', at);
    if (end == html.npos) break;
    std::string_view inside = html.substr(at + 1, end - at - 1);
    std::size_t length = inside.starts_with('/') || inside.starts_with('!') ? 1 : 0;
    while (length < inside.size() && std::isalnum(static_cast<unsigned char>(inside[length]))) {
      ++length;
    }
    const std::string name(length > 0 ? inside.substr(0, length) : "?");
    out.push_back({name, std::string(inside.substr(length))});
    at = end + 1;
    if (name == "script" || name == "style") at = html.find("</" + name, at);
  }
  return out;
}

std::vector<std::vector<Report>> pages() {
  Fixture other = hostile_fixture();
  other.run.id = "fedcba987654";
  other.run.spec.params.reasoning = Reasoning{Reasoning::Mode::high, 0};
  Fixture empty = empty_fixture();
  std::vector<std::vector<Report>> out;
  out.push_back({example_fixture().report()});
  out.push_back({hostile_fixture().report()});
  out.push_back({hostile_fixture().report(), other.report()});
  out.push_back({empty.report()});
  return out;
}

class HtmlReport : public testing::Test {
 protected:
  void SetUp() override {
    if (embedded_file("web/report.js")) return;
    ASSERT_EQ(std::getenv("CI"), nullptr) << "the bundler is missing: tools/setup.sh";
    GTEST_SKIP() << "this build has no HTML report";
  }
};

TEST_F(HtmlReport, IsWellFormedAndHoldsOnlyTheElementsThatItMeansTo) {
  const std::vector<std::string> known = {
      "html",  "head",  "meta",   "title",  "style",  "body",     "a",       "header",
      "p",     "h1",    "button", "nav",    "ul",     "li",       "main",    "section",
      "h2",    "h3",    "strong", "span",   "figure", "div",      "table",   "caption",
      "thead", "tbody", "tr",     "th",     "td",     "small",    "details", "summary",
      "dl",    "dt",    "dd",     "footer", "script", "!doctype", "b"};
  for (const std::vector<Report>& reports : pages()) {
    const std::string html = render(reports, ReportFormat::html, {.published = true});
    std::vector<std::string> open;
    for (const Tag& tag : tags_of(html)) {
      const bool end = tag.name.starts_with('/');
      const std::string name = end ? tag.name.substr(1) : tag.name;
      EXPECT_NE(std::ranges::find(known, name), known.end()) << name << tag.attributes;
      EXPECT_EQ(tag.attributes.find(" on"), std::string::npos) << tag.attributes;
      EXPECT_EQ(tag.attributes.find("style="), std::string::npos) << "the policy forbids it";
      EXPECT_EQ(tag.attributes.find("src="), std::string::npos) << tag.attributes;
      const std::size_t link = tag.attributes.find("href=");
      if (link != std::string::npos) {
        EXPECT_EQ(tag.attributes.substr(link, 7), "href=\"#") << tag.attributes;
      }
      if (name == "meta" || name == "!doctype") continue;
      if (!end) {
        open.push_back(name);
        continue;
      }
      ASSERT_FALSE(open.empty()) << name;
      EXPECT_EQ(open.back(), name);
      open.pop_back();
    }
    EXPECT_TRUE(open.empty()) << open.back();
  }
}

TEST_F(HtmlReport, EscapesWhateverTheWorldWrote) {
  const std::string html = render({hostile_fixture().report()}, ReportFormat::html);
  // All that is ours aside: the two scripts and the style.
  for (const std::string_view text : kHostile) {
    if (text.find('<') == text.npos && text.find('"') == text.npos) continue;
    EXPECT_EQ(html.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("<svg"), std::string::npos);
  EXPECT_NE(html.find("&lt;img src=x onerror=alert(1)&gt;"), std::string::npos);
  std::size_t scripts = 0;
  for (std::size_t at = 0; (at = html.find("<script", at)) != html.npos; ++at) ++scripts;
  EXPECT_EQ(scripts, 2u);
}

TEST_F(HtmlReport, CarriesItsDataAndAPolicyThatAllowsNothingElse) {
  const std::string html = render({hostile_fixture().report()}, ReportFormat::html);
  constexpr std::string_view kStart = "<script type=\"application/json\" id=\"report\">";
  const std::size_t start = html.find(kStart) + kStart.size();
  const std::string_view data =
      std::string_view(html).substr(start, html.find("</script>", start) - start);
  const auto page = parse_json(data);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(data.find('<'), data.npos);
  EXPECT_NE(html.find("default-src 'none'; script-src 'sha256-"), std::string::npos);
  EXPECT_EQ(html.find("unsafe"), std::string::npos);
  const std::string_view script = *embedded_file("web/report.js");
  for (const std::string_view reach :
       {"fetch(", "XMLHttpRequest", "import(", "eval(", "innerHTML", "insertAdjacentHTML",
        "document.write", "localStorage", "</script"}) {
    EXPECT_EQ(script.find(reach), script.npos) << reach;
  }
  const std::string_view style = *embedded_file("web/report.css");
  for (const std::string_view reach : {"url(", "@import", "@font-face"}) {
    EXPECT_EQ(style.find(reach), style.npos) << reach;
  }
  for (const std::string_view part : {script, style}) {
    for (const char c : part) ASSERT_TRUE(static_cast<unsigned char>(c) < 0x80);
  }
}

TEST_F(HtmlReport, SaysAllInTablesWithoutItsScript) {
  const std::string html = render({example_fixture().report()}, ReportFormat::html);
  EXPECT_NE(html.find("59.38"), std::string::npos);
  for (const std::string_view id : {"overview", "types", "profile", "best_of", "language_gap",
                                    "failures", "examples", "about"}) {
    EXPECT_NE(html.find("<section id=\"" + std::string(id) + "\""), std::string::npos) << id;
    EXPECT_NE(html.find("href=\"#" + std::string(id) + "\""), std::string::npos) << id;
  }
}

TEST_F(HtmlReport, DrawsItsChartsInABrowserUnderItsPolicy) {
  const std::string chromium = "/usr/bin/chromium";
  if (!std::filesystem::exists(chromium)) GTEST_SKIP() << "no chromium here";
  test::TempDir dir;
  for (const std::vector<Report>& reports : pages()) {
    const std::string page = dir.write("report.html", render(reports, ReportFormat::html));
    const test::Outcome shown = test::run_program(
        chromium, dir.path(),
        {.args = {"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync",
                  "--enable-logging=stderr", "--user-data-dir=" + (dir / "profile").string(),
                  "--dump-dom", "file://" + page}});
    ASSERT_EQ(shown.exit, 0) << shown.err;
    const std::string& dom = shown.out;
    const std::string& log = shown.err;
    EXPECT_EQ(log.find("Content Security Policy"), std::string::npos) << log;
    EXPECT_EQ(log.find("Uncaught"), std::string::npos) << log;
    EXPECT_EQ(dom.find("<img"), std::string::npos);
    EXPECT_NE(dom.find("aria-label=\"Use the "), std::string::npos) << "the script did not run";
    if (reports.front().overall.n == 0) continue;
    for (const std::string_view chart : {"types", "radar", "best_of", "failures"}) {
      const std::size_t figure = dom.find("data-chart=\"" + std::string(chart) + "\"");
      ASSERT_NE(figure, std::string::npos) << chart;
      const std::size_t drawn = dom.find("<svg", figure);
      EXPECT_LT(drawn, dom.find("</figure>", figure)) << chart;
    }
  }
}

}  // namespace
}  // namespace iie
