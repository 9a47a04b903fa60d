// markdown: lists, headings, tables and other structure that readers see.
//
// Readers see more lists than Markdown does: lines that start with •, ①, "一、" or "a)" are a list
// to anyone. So is HTML that a page would show as one.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/string_util.h"
#include "rules/registry.h"

namespace iie {
namespace {

struct Hit {
  std::size_t line = 0;
  std::string what;
};

// What a line starts with that people read as the mark of a list item.
enum class Marker { none, bullet, ordered };

bool is_bullet_sign(char32_t c) {
  static constexpr std::u32string_view kSigns = U"•·●○◦▪▫■□◆◇★☆‣⁃∙➤➢➜➔▶►▸✓✔✅❌👉📌🔹🔸–‧・";
  return c >= 0x80 && kSigns.find(c) != std::u32string_view::npos;
}

bool is_chinese_ordinal(char32_t c) {
  static constexpr std::u32string_view kNumerals = U"一二三四五六七八九十";
  return c >= 0x4E00 && kNumerals.find(c) != std::u32string_view::npos;
}

// Full-width forms and their ASCII ones are both written.
bool is_close_paren(char32_t c) { return c == ')' || c == U'）'; }

// "Step 2:", "第二步，" (here without 第): the number as a word, with a mark behind it.
bool numbered_step(std::string_view text) {
  static const RE2 kStep(
      "(?i)^(?:step\\s+(?:\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\\s*[-:：.,)*"
      "–—]|"
      "(?:\\d{1,2}|[一二三四五六七八九十]{1,3})[步点条项招][:：,，、.。 *])");
  return RE2::PartialMatch(text, kStep);
}

Marker marker_of(std::string_view line) {
  std::size_t at = 0;
  char32_t c = 0;
  const auto next = [&] { return at < line.size() ? next_code_point(line, at) : U'\0'; };
  do {
    c = next();
  } while (c != 0 && (is_white_space(c) || c == '*' || c == '_' || c == '>' || c == '\\'));
  if (is_bullet_sign(c)) {
    // "–" and "·" also stand inside prose; as a mark a space or a letter follows at once.
    if (c == U'–') return is_white_space(next()) ? Marker::bullet : Marker::none;
    return Marker::bullet;
  }
  // Circled, parenthesized and full-stopped numbers and letters: ① ⑴ ⒈ ⓐ, ❶.
  if ((c >= 0x2460 && c <= 0x24FF) || (c >= 0x2776 && c <= 0x2793)) return Marker::ordered;
  // Ⅰ. Ⅱ、
  if (c >= 0x2160 && c <= 0x217F) {
    c = next();
    return c == '.' || c == U'、' || c == U'．' || is_close_paren(c) ? Marker::ordered
                                                                     : Marker::none;
  }
  const bool open = c == '(' || c == U'（';
  if (open) c = next();
  if (is_ascii_digit(static_cast<char>(c)) && c < 0x80) {
    int digits = 0;
    while (c < 0x80 && is_ascii_digit(static_cast<char>(c)) && ++digits <= 3) c = next();
    if (digits > 3) return Marker::none;
    if (c == '\\') c = next();  // an escaped period
    if (is_close_paren(c)) return Marker::ordered;
    if (open) return Marker::none;
    if (c == U'、' || c == U'．') return Marker::ordered;
    if (c != '.') return Marker::none;
    c = next();  // not "3.14"
    return c != 0 && !(c < 0x80 && is_ascii_digit(static_cast<char>(c))) ? Marker::ordered
                                                                         : Marker::none;
  }
  if (c == U'第') return numbered_step(line.substr(at)) ? Marker::ordered : Marker::none;
  if (c == 's' || c == 'S') {
    if (numbered_step(line.substr(at - 1))) return Marker::ordered;
  }
  if (is_chinese_ordinal(c)) {
    for (int n = 0; is_chinese_ordinal(c); c = next()) {
      if (++n > 3) return Marker::none;
    }
    if (is_close_paren(c)) return Marker::ordered;
    return !open && (c == U'、' || c == U'．' || c == '.') ? Marker::ordered : Marker::none;
  }
  if (c < 0x80 && is_ascii_alpha(static_cast<char>(c))) {
    const bool roman = c == 'i' || c == 'v' || c == 'x' || c == 'I' || c == 'V' || c == 'X';
    c = next();
    for (int n = 0; roman && n < 3 && c < 0x80 &&
                    std::string_view("ivxIVX").find(static_cast<char>(c)) != std::string_view::npos;
         ++n) {
      c = next();
    }
    if (is_close_paren(c)) return Marker::ordered;
    if (open || c != '.') return Marker::none;
    return is_white_space(next()) ? Marker::ordered : Marker::none;  // "A. Option", not "e.g."
  }
  return Marker::none;
}

// The lines of the text, each with whether it may hold a pseudo-list: not in code, not in a list
// or table that Markdown sees itself.
struct PseudoLists {
  std::vector<Hit> lists;
  std::vector<Hit> items;
};

PseudoLists find_pseudo_lists(const ResponseView& view,
                              const std::vector<MarkdownElement>& elements,
                              std::optional<Marker> only) {
  std::vector<std::string_view> all = split(view.text(), '\n');
  std::vector<bool> taken(all.size() + 2, false);
  for (const MarkdownElement& element : elements) {
    const bool covers = element.kind == MarkdownKind::code_block ||
                        element.kind == MarkdownKind::table ||
                        element.kind == MarkdownKind::heading ||
                        ((element.kind == MarkdownKind::bullet_list ||
                          element.kind == MarkdownKind::ordered_list) &&
                         element.depth == 0);
    if (!covers) continue;
    for (std::size_t line = element.first_line; line <= element.last_line && line < taken.size();
         ++line) {
      taken[line] = true;
    }
  }
  PseudoLists out;
  // Items of one list may have blank lines and text of their own between them; two markers of the
  // same sort make a list, one is just a line.
  for (const Marker sort : {Marker::bullet, Marker::ordered}) {
    if (only && *only != sort) continue;
    std::vector<Hit> items;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!taken[i + 1] && marker_of(all[i]) == sort) {
        items.push_back({i + 1, one_line(trim(all[i]), 60)});
      }
    }
    if (items.size() < 2) continue;
    out.lists.push_back(items.front());
    out.items.insert(out.items.end(), items.begin(), items.end());
  }
  return out;
}

bool is_chinese(char32_t c) { return c != 0 && is_unspaced_letter(c); }
bool is_mark(char32_t c) { return c != 0 && !is_white_space(c) && !is_letter_or_digit(c); }

// Pairs of ** (or __) that are meant as bold but are none to Markdown, whose rule for where a pair
// may open and close knows words with spaces between them only: 这是**“重点”**内容, 非__常__好.
std::vector<Hit> find_pseudo_bold(const ResponseView& view,
                                  const std::vector<MarkdownElement>& elements) {
  std::vector<Hit> out;
  if (view.text().find("**") == std::string_view::npos &&
      view.text().find("__") == std::string_view::npos) {
    return out;
  }
  const std::vector<std::string_view> all = split(view.text(), '\n');
  std::vector<bool> code(all.size() + 2, false);
  for (const MarkdownElement& element : elements) {
    if (element.kind != MarkdownKind::code_block) continue;
    for (std::size_t at = element.first_line; at <= element.last_line && at < code.size(); ++at) {
      code[at] = true;
    }
  }
  for (std::size_t number = 1; number <= all.size(); ++number) {
    if (code[number]) continue;
    const std::string_view line = all[number - 1];
    for (const std::string_view pair : {"**", "__"}) {
      std::size_t counted = 0;  // up to there
      bool quoted = false;      // between backticks
      for (std::size_t open = line.find(pair); open != std::string_view::npos;) {
        const std::size_t close = line.find(pair, open + pair.size());
        if (close == std::string_view::npos) break;
        const std::string_view inside = line.substr(open + 2, close - open - 2);
        const std::size_t end = close + pair.size();
        std::size_t first_at = 0;
        std::size_t last_at = inside.size();
        std::size_t before_at = open;
        std::size_t after_at = end;
        const char32_t before = open == 0 ? 0 : previous_code_point(line, before_at);
        const char32_t first = inside.empty() ? 0 : next_code_point(inside, first_at);
        const char32_t last = inside.empty() ? 0 : previous_code_point(inside, last_at);
        const char32_t after = end < line.size() ? next_code_point(line, after_at) : 0;
        for (; counted < open; ++counted) quoted = quoted != (line[counted] == '`');
        const bool solid = first != 0 && !is_white_space(first) && !is_white_space(last) &&
                           before != '\\' && before != '*' && last != '\\';
        const bool unseen =
            pair == "**"
                ? (is_mark(last) && is_chinese(after)) || (is_mark(first) && is_chinese(before))
                : is_chinese(first) && (is_chinese(before) || is_chinese(after));
        if (solid && unseen && !quoted) out.push_back({number, one_line(inside, 60)});
        open = line.find(pair, end);
      }
    }
  }
  return out;
}

// How often one of the tags opens in a piece of HTML.
std::size_t count_tags(std::string_view html, std::span<const std::string_view> tags) {
  std::size_t count = 0;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const std::string_view rest = html.substr(at + 1);
    count += static_cast<std::size_t>(std::ranges::count_if(tags, [&](std::string_view tag) {
      if (!starts_with_nocase(rest, tag)) return false;
      return rest.size() == tag.size() || !is_ascii_alnum(rest[tag.size()]);
    }));
  }
  return count;
}

std::vector<std::string_view> html_tags(std::string_view element) {
  if (element == "list") return {"ul", "ol"};
  if (element == "bullet_list") return {"ul"};
  if (element == "ordered_list") return {"ol"};
  if (element == "list_item") return {"li"};
  if (element == "heading") return {"h1", "h2", "h3", "h4", "h5", "h6"};
  if (element == "table") return {"table"};
  if (element == "emphasis") return {"b", "strong", "i", "em"};
  if (element == "bold") return {"b", "strong"};
  if (element == "italic") return {"i", "em"};
  if (element == "code_block") return {"pre"};
  if (element == "inline_code") return {"code"};
  if (element == "blockquote") return {"blockquote"};
  if (element == "link") return {"a"};
  if (element == "image") return {"img"};
  return {"hr"};
}

bool is_kind(std::string_view element, MarkdownKind kind) {
  switch (kind) {
    case MarkdownKind::bullet_list:
      return element == "list" || element == "bullet_list";
    case MarkdownKind::ordered_list:
      return element == "list" || element == "ordered_list";
    case MarkdownKind::list_item:
      return element == "list_item";
    case MarkdownKind::heading:
      return element == "heading";
    case MarkdownKind::table:
      return element == "table";
    case MarkdownKind::strong:
      return element == "emphasis" || element == "bold";
    case MarkdownKind::emphasis:
      return element == "emphasis" || element == "italic";
    case MarkdownKind::code_block:
      return element == "code_block";
    case MarkdownKind::inline_code:
      return element == "inline_code";
    case MarkdownKind::quote:
      return element == "blockquote";
    case MarkdownKind::link:
      return element == "link";
    case MarkdownKind::image:
      return element == "image";
    case MarkdownKind::rule:
      return element == "rule";
    default:
      return false;
  }
}

CompiledRule compile_markdown(JsonFields& params) {
  const std::string element = read_choice(
      params, "element",
      {"list", "bullet_list", "ordered_list", "list_item", "heading", "table", "emphasis", "bold",
       "italic", "code_block", "inline_code", "blockquote", "link", "image", "rule"});
  const Bounds bounds = read_bounds(params, false);
  const std::vector<std::string_view> tags = html_tags(element);
  return [element, bounds, tags](const ResponseView& view) {
    const auto& elements = view.markdown();
    if (!elements) return Finding::undecided(elements.error().message);
    std::int64_t count = 0;
    std::optional<Hit> first;
    const auto note = [&](std::int64_t n, const Hit& hit) {
      count += n;
      if (n > 0 && (!first || hit.line < first->line)) first = hit;
    };
    const std::vector<std::string_view> text_lines = split(view.text(), '\n');
    const auto line_hit = [&](const MarkdownElement& found) {
      const bool inside = found.first_line > 0 && found.first_line <= text_lines.size();
      return Hit{
          found.first_line,
          one_line(!found.text.empty() && found.kind != MarkdownKind::code_block
                       ? std::string_view(found.text)
                       : trim(inside ? text_lines[found.first_line - 1] : std::string_view()),
                   60)};
    };
    for (const MarkdownElement& found : *elements) {
      if (is_kind(element, found.kind)) {
        if (first) {
          ++count;
        } else {
          note(1, line_hit(found));
        }
      } else if (found.kind == MarkdownKind::html_block ||
                 found.kind == MarkdownKind::inline_html) {
        const auto n = static_cast<std::int64_t>(count_tags(found.text, tags));
        if (n > 0) note(n, line_hit(found));
      }
    }
    if (element == "list" || element == "bullet_list" || element == "ordered_list" ||
        element == "list_item") {
      std::optional<Marker> only;
      if (element == "bullet_list") only = Marker::bullet;
      if (element == "ordered_list") only = Marker::ordered;
      const PseudoLists pseudo = find_pseudo_lists(view, *elements, only);
      for (const Hit& hit : element == "list_item" ? pseudo.items : pseudo.lists) note(1, hit);
    }
    if (element == "bold" || element == "emphasis") {
      for (const Hit& hit : find_pseudo_bold(view, *elements)) note(1, hit);
    }
    std::string reason = fmt::format("{} {} element{}, wanted {}", count, element,
                                     count == 1 ? "" : "s", bounds.describe());
    if (first) reason += fmt::format("; the first at line {}: \"{}\"", first->line, first->what);
    return bounds.hold(count) ? Finding::met(std::move(reason))
                              : Finding::broken(std::move(reason));
  };
}

}  // namespace

RuleFamily markdown_rules() {
  static constexpr auto kRules = std::to_array<RuleDefinition>({
      {{"markdown", R"({"element": E, "min"?: n, "max"?: n})",
        "so many list, bullet_list, ordered_list, list_item, heading, table, emphasis, bold, "
        "italic, code_block, inline_code, blockquote, link, image or rule elements"},
       &compile_markdown},
  });
  return kRules;
}

}  // namespace iie
