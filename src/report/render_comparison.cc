// A comparison as text: the conclusion first, then the effects that it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/json.h"
#include "report/comparison.h"
#include "report/findings_json.h"
#include "report/markdown_text.h"
#include "report/paper_tables.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/table.h"

namespace iie {
namespace {

std::string side_text(const ComparedSide& side) {
  std::string text = side.model;
  if (!side.reasoning.empty()) text += ", reasoning " + side.reasoning;
  text += side.run.empty() ? std::string("; published") : "; run " + side.run;
  text += fmt::format("; judge {}; {}", side.judge, count_of(side.rollouts, "rollout"));
  if (side.output_tokens_per_response) {
    text += fmt::format("; {:.0f} tokens per response", *side.output_tokens_per_response);
    text += side.reasoning_tokens_per_response
                ? fmt::format(", {:.0f} of them reasoning", *side.reasoning_tokens_per_response)
                : std::string(", reasoning not reported");
  }
  return text;
}

std::string title_of(const Comparison& comparison) {
  return comparison.thinking_pair ? "Less against more thinking" : "Two runs compared";
}

std::string terminal(const Comparison& comparison, const RenderOptions& options) {
  const auto width = static_cast<std::size_t>(std::max(options.width, 40));
  std::string out;
  const auto line = [&](const StyledText& text) { out += paint(text, options.colour) + '\n'; };
  const auto labelled = [&](const std::string& label, const std::string& text) {
    std::string head = pad_right("  " + label, 5);
    for (const std::string& part : wrap(text, width - 5, 6)) {
      line({{std::exchange(head, std::string(5, ' ')), Style::dim}, {part}});
    }
  };
  line({{"Inverse IFEval  ", Style::dim}, {title_of(comparison), Style::bold}});
  out += '\n';
  labelled("A", side_text(comparison.a));
  labelled("B", side_text(comparison.b));
  out += '\n';
  for (const std::string& part : wrap(conclusion(comparison), width - 2, 6)) {
    line({{"  "}, {part, Style::bold}});
  }
  out += '\n';
  const PaperTable table = effect_table(comparison);
  out += terminal_table(table, width, options.colour);
  out += '\n';
  for (const std::string& part : wrap(table.note, width - 2, 6)) {
    line({{"  " + part, Style::dim}});
  }
  for (const std::string& caution : comparison.cautions) {
    for (const std::string& part : wrap(caution, width - 2, 6)) {
      line({{"  " + part, Style::warn}});
    }
  }
  return out;
}

std::string markdown(const Comparison& comparison) {
  std::string out = fmt::format("# Inverse IFEval: {}\n\n- **A**: {}\n- **B**: {}\n\n**{}**\n\n{}",
                                title_of(comparison), md_text(side_text(comparison.a)),
                                md_text(side_text(comparison.b)), md_text(conclusion(comparison)),
                                md_table(effect_table(comparison)));
  for (const std::string& caution : comparison.cautions) {
    out += fmt::format("\n> {}\n", md_text(caution));
  }
  return out;
}

std::string csv(const Comparison& comparison) {
  std::string out =
      "key,samples,clusters,share_a,share_b,difference,low,high,p,p_holm,smallest_detectable,"
      "bootstrap_low,bootstrap_high,only_a,only_b,mcnemar_p\n";
  const auto number = [](double value) {
    std::string text;
    append_json_number(text, std::round(value * 1e6) / 1e6);
    return text;
  };
  const auto add = [&](const Effect& effect) {
    // Keys are type codes and languages; a dataset's own code may hold anything.
    std::string key = effect.key;
    std::erase_if(key, [](char c) { return c == ',' || c == '"' || c == '\n'; });
    if (!key.empty() && std::string_view("=+-@").find(key.front()) != std::string_view::npos) {
      key.insert(key.begin(), '\'');
    }
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},", key, effect.samples, effect.clusters,
                       number(effect.share_a), number(effect.share_b), number(effect.difference),
                       number(effect.low), number(effect.high), number(effect.p),
                       effect.p_holm ? number(*effect.p_holm) : "",
                       number(effect.smallest_detectable));
    out += effect.bootstrap
               ? number(effect.bootstrap->low) + ',' + number(effect.bootstrap->high) + ','
               : std::string(",,");
    out += effect.mcnemar ? fmt::format("{},{},{}\n", effect.mcnemar->only_a,
                                        effect.mcnemar->only_b, number(effect.mcnemar->p))
                          : std::string(",,\n");
  };
  add(comparison.overall);
  for (const Effect& effect : comparison.by_language) add(effect);
  for (const Effect& effect : comparison.by_type) add(effect);
  return out;
}

}  // namespace

Result<std::string> render_comparison(const Comparison& comparison, ReportFormat format,
                                      const RenderOptions& options) {
  switch (format) {
    case ReportFormat::terminal:
      return terminal(comparison, options);
    case ReportFormat::markdown:
      return markdown(comparison);
    case ReportFormat::csv:
      return csv(comparison);
    case ReportFormat::json: {
      boost::json::object out{{"schema", 1}};
      for (auto& field : write_comparison(comparison)) {
        out.emplace(field.key(), std::move(field.value()));
      }
      return to_pretty_json(out);
    }
    default:
      return fail(ErrorKind::usage, fmt::format("a comparison has no format '{}': it is one of "
                                                "terminal, json, md, csv",
                                                to_string(format)));
  }
}

}  // namespace iie
