#include "report/render.h"

#include <cassert>

#include "base/string_util.h"
#include "report/renderers.h"

namespace iie {

Result<ReportFormat> parse_report_format(std::string_view name) {
  const std::string lower = ascii_lower(name);
  if (lower == "terminal") return ReportFormat::terminal;
  if (lower == "json") return ReportFormat::json;
  if (lower == "md" || lower == "markdown") return ReportFormat::markdown;
  if (lower == "csv") return ReportFormat::csv;
  if (lower == "latex" || lower == "tex") return ReportFormat::latex;
  if (lower == "html") {
    if (html_available()) return ReportFormat::html;
    return fail(ErrorKind::usage,
                "this program was built without the HTML report: run tools/setup.sh, which fetches "
                "its bundler, and build again");
  }
  return fail(ErrorKind::usage,
              "report format '" + one_line(name, 40) +
                  "' is none of terminal, json, md, csv, latex, html" +
                  did_you_mean(lower, {"terminal", "json", "md", "csv", "latex", "html"}));
}

std::string_view to_string(ReportFormat format) {
  switch (format) {
    case ReportFormat::terminal:
      return "terminal";
    case ReportFormat::json:
      return "json";
    case ReportFormat::markdown:
      return "md";
    case ReportFormat::csv:
      return "csv";
    case ReportFormat::latex:
      return "latex";
    case ReportFormat::html:
      return "html";
  }
  return "";
}

std::string render(const std::vector<Report>& reports, ReportFormat format,
                   const RenderOptions& options) {
  assert(!reports.empty());
  switch (format) {
    case ReportFormat::terminal:
      return render_terminal(reports, options);
    case ReportFormat::json:
      return render_json(reports, options);
    case ReportFormat::markdown:
      return render_markdown(reports, options);
    case ReportFormat::csv:
      return render_csv(reports, options);
    case ReportFormat::latex:
      return render_latex(reports, options);
    case ReportFormat::html:
      return render_html(reports, options);
  }
  return {};
}

}  // namespace iie
