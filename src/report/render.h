// A report as text, in the formats that people and programs read. Pure: the same reports and
// options give the same bytes (doc/report-format.md states the formats).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "report/report.h"

namespace iie {

enum class ReportFormat { terminal, json, markdown, csv, latex, html };

// "terminal", "json", "md" or "markdown", "csv", "latex" or "tex", "html", in any case; usage
// with the nearest match, or where this build has no HTML report (cmake/Web.cmake).
Result<ReportFormat> parse_report_format(std::string_view name);
std::string_view to_string(ReportFormat format);

struct RenderOptions {
  // Terminal only: escape sequences, and the columns to stay within (40 at least; names are cut
  // and tables lose their least telling columns to fit).
  bool colour = false;
  int width = 100;
  // Failing examples shown for each type; not in CSV, nor where several runs stand side by side.
  int examples = 3;
  // The benchmark's published rows beside one's own.
  bool published = false;
};

// One report alone, or several side by side. `reports` is not empty. Ends in a line break.
std::string render(const std::vector<Report>& reports, ReportFormat format,
                   const RenderOptions& options = {});

}  // namespace iie
