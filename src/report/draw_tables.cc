// How a PaperTable looks in Markdown, LaTeX and on a terminal.
#include <fmt/format.h>

#include <algorithm>

#include "report/markdown_text.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/table.h"

namespace iie {
namespace {

std::string joined(const PaperCell& cell) {
  return cell.detail.empty() ? cell.text : cell.text + ' ' + cell.detail;
}

Table drawn(const PaperTable& table, bool details, std::size_t columns) {
  std::vector<Align> aligns;
  for (std::size_t i = 0; i < columns; ++i) {
    aligns.push_back(i < table.text_columns ? Align::left : Align::right);
  }
  Table out(std::move(aligns));
  std::vector<StyledText> header;
  for (std::size_t i = 0; i < columns; ++i) header.push_back({{table.header[i], Style::dim}});
  out.add(std::move(header));
  for (const std::vector<PaperCell>& row : table.rows) {
    std::vector<StyledText> cells;
    for (std::size_t i = 0; i < columns; ++i) {
      StyledText text = {{row[i].text, row[i].strong ? Style::bold : Style::plain}};
      if (details && !row[i].detail.empty()) text.push_back({' ' + row[i].detail, Style::dim});
      cells.push_back(std::move(text));
    }
    out.add(std::move(cells));
  }
  return out;
}

}  // namespace

std::string md_table(const PaperTable& table) {
  std::vector<std::string> header;
  for (const std::string& title : table.header) header.push_back(md_text(title));
  std::string out = md_row(header) + '|';
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    out += i < table.text_columns ? ":--|" : "--:|";
  }
  out += '\n';
  for (const std::vector<PaperCell>& row : table.rows) {
    std::vector<std::string> cells;
    for (const PaperCell& cell : row) {
      std::string text = md_text(joined(cell));
      cells.push_back(cell.strong && !text.empty() ? "**" + text + "**" : text);
    }
    out += md_row(cells);
  }
  if (!table.note.empty()) out += '\n' + md_text(table.note) + '\n';
  return out;
}

std::string latex_table(const PaperTable& table) {
  std::string columns;
  for (std::size_t i = 0; i < table.header.size(); ++i)
    columns += i < table.text_columns ? 'l' : 'r';
  std::string caption = latex_text(table.title) + '.';
  if (!table.note.empty()) caption += ' ' + latex_text(table.note);
  std::string out = fmt::format(
      "\\begin{{table}}[ht]\n  \\centering\n  \\caption{{{}}}\n  \\label{{tab:{}}}\n"
      "  \\smallskip\n  "
      "\\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{%\n"
      "  \\begin{{tabular}}{{{}}}\n    \\toprule\n",
      caption, table.id, columns);
  const auto line = [&](const std::vector<std::string>& cells) {
    out += fmt::format("    {} \\\\\n", fmt::join(cells, " & "));
  };
  std::vector<std::string> header;
  for (const std::string& title : table.header) header.push_back(latex_text(title));
  line(header);
  out += "    \\midrule\n";
  // Wide tables keep the intervals of their first figures only, or nobody could read them.
  constexpr std::size_t kManyColumns = 7;
  const std::size_t detailed =
      table.header.size() > kManyColumns ? table.text_columns + 1 : table.header.size();
  for (const std::vector<PaperCell>& row : table.rows) {
    std::vector<std::string> cells;
    for (const PaperCell& cell : row) {
      std::string text = latex_text(cell.text);
      if (cell.strong && !text.empty()) text = "\\textbf{" + text + '}';
      if (!cell.detail.empty() && cells.size() < detailed)
        text += " {\\footnotesize " + latex_text(cell.detail) + '}';
      cells.push_back(std::move(text));
    }
    line(cells);
  }
  return out + "    \\bottomrule\n  \\end{tabular}}\n\\end{table}\n";
}

std::string terminal_table(const PaperTable& table, std::size_t width, bool colour) {
  constexpr std::size_t kIndent = 2;
  std::size_t columns = table.header.size();
  bool details = true;
  Table out = drawn(table, details, columns);
  while (out.width() + kIndent > width) {
    if (details) {
      details = false;
    } else if (columns > table.text_columns + 1) {
      --columns;
    } else {
      break;
    }
    out = drawn(table, details, columns);
  }
  if (out.width() + kIndent <= width) return out.text(kIndent, colour);
  // Names too long for any table: cut.
  PaperTable cut = table;
  const std::size_t over = out.width() + kIndent - width;
  for (std::vector<PaperCell>& row : cut.rows) {
    PaperCell& last = row[table.text_columns - 1];
    const std::size_t has = display_width(last.text);
    std::size_t widest = 0;
    for (const auto& other : table.rows) {
      widest = std::max(widest, display_width(other[table.text_columns - 1].text));
    }
    const std::size_t room = widest > over + 8 ? widest - over : 8;
    if (has > room) last.text = fit_columns(last.text, room);
  }
  return drawn(cut, false, columns).text(kIndent, colour);
}

}  // namespace iie
