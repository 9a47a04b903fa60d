// The charts. Each takes the page's data and gives an element, or null where there is nothing to draw.

import { Figure, Flips, Page, percent, runLabel, shownTypes, span } from "./report";
import { chart, fit, html, legend, Mark, scale, series, svg, textWidth } from "./svg";

const READING = "whiskers are 95 % intervals, the pale part is what has no verdict.";

const AXIS = [0, 20, 40, 60, 80, 100];

// The width that the figure has, so that a phone gets a chart of its own instead of a shrunken one.
export type Draw = (page: Page, width: number) => HTMLElement | null;

interface Bar {
  series: number;
  score: number | null;
  low: number | null;
  high: number | null;
  most: number | null; // where what has no verdict could still take it
  text: string;
}

interface Row {
  label: string;
  bars: Bar[];
}

// Horizontal bars from 0 to 100 with intervals as whiskers, and pale up to where they could reach if everything
// without a verdict had passed.
function bars(rows: Row[], width: number, title: string, description: string): HTMLElement | null {
  if (rows.length === 0) return null;
  const label = Math.min(width * 0.38, Math.max(...rows.map((row) => textWidth(row.label))) + 10);
  const many = Math.max(...rows.map((row) => row.bars.length));
  const thick = many === 1 ? 16 : Math.max(7, Math.min(12, 34 / many));
  const pad = 12;
  const value = 46;
  const x = scale([0, 100], [label, width - value]);
  const content: Node[] = [];
  const marks: Mark[] = [];
  let y = 8;
  const body: Node[] = [];
  for (const row of rows) {
    const height = row.bars.length * (thick + 3);
    body.push(
      svg("text", { x: label - 8, y: y + height / 2 + 3, class: "label end" }, fit(row.label, label - 10)),
    );
    row.bars.forEach((bar, index) => {
      const top = y + index * (thick + 3);
      const middle = top + thick / 2;
      const group = svg("g");
      if (bar.score === null) {
        group.append(svg("text", { x: x(0) + 4, y: middle + 4, class: "muted" }, "–"));
      } else {
        group.append(
          svg("rect", { x: x(0), y: top, width: Math.max(1, x(bar.score) - x(0)), height: thick, rx: 2, class: `fill ${series(bar.series)}` }),
        );
        if (bar.most !== null) {
          group.append(
            svg("rect", { x: x(bar.score), y: top, width: Math.max(0, x(bar.most) - x(bar.score)), height: thick, rx: 2, class: `fill open ${series(bar.series)}` }),
          );
        }
        if (bar.low !== null && bar.high !== null) {
          group.append(
            svg("line", { x1: x(bar.low), x2: x(bar.high), y1: middle, y2: middle, class: "whisker" }),
            svg("line", { x1: x(bar.low), x2: x(bar.low), y1: middle - 4, y2: middle + 4, class: "whisker" }),
            svg("line", { x1: x(bar.high), x2: x(bar.high), y1: middle - 4, y2: middle + 4, class: "whisker" }),
          );
        }
        if (many <= 4) {
          group.append(svg("text", { x: width - 2, y: middle + 4, class: "value end" }, percent(bar.score)));
        }
      }
      // The whole line answers the pointer.
      group.append(svg("rect", { x: 0, y: top - 1, width, height: thick + 3, class: "hit" }));
      marks.push({ element: group as SVGElement, text: bar.text });
      body.push(group);
    });
    y += height + pad;
  }
  for (const tick of AXIS) {
    content.push(
      svg("line", { x1: x(tick), x2: x(tick), y1: 4, y2: y - 4, class: tick === 0 ? "axis" : "grid" }),
      svg("text", { x: x(tick), y: y + 10, class: "tick middle" }, String(tick)),
    );
  }
  return chart(width, y + 18, title, description, [...content, ...body], marks);
}

function overallBars(page: Page, width: number): HTMLElement | null {
  if (page.runs.length < 2) return null;
  const order = page.runs.map((_, index) => index);
  order.sort((a, b) => (page.runs[b]?.overall.score ?? -1) - (page.runs[a]?.overall.score ?? -1));
  const rows = order.map((index) => {
    const overall = page.runs[index]!.overall;
    const label = runLabel(page, index);
    return { label, bars: [bar(index, overall, label)] };
  });
  return bars(rows, width, "Overall score of each run", `Bars from 0 to 100, best first; ${READING}`);
}

// The benchmark's types, or those that stand beside them.
type Types = "by_type" | "further_types";

function typesOf(page: Page, which: Types = "by_type"): { code: string; name: string }[] {
  const out: { code: string; name: string }[] = [];
  for (const run of page.runs) {
    for (const type of run[which]) {
      if (type.code !== "(none)" && !out.some((one) => one.code === type.code)) out.push(type);
    }
  }
  return out;
}

function typeBars(page: Page, width: number, which: Types): HTMLElement | null {
  const types = typesOf(page, which);
  if (types.length === 0) return null;
  if (page.runs.length > 4) return typeHeat(page, width, which);
  const wide = width > 620;
  const one = page.runs.length === 1 ? page.runs[0]! : null;
  const cells = one ? (which === "by_type" ? one.cells : one.further_cells) : [];
  const found = [...new Set(cells.map((c) => c.language))];
  const languages = found.length > 1 ? found : null;
  const rows = types.map((type) => ({
    label: wide && type.name !== type.code ? `${type.code}  ${type.name}` : type.code,
    bars: languages
      ? languages.map((language, index) => {
          const cell = cells.find((c) => c.type === type.code && c.language === language);
          return bar(index, cell ?? null, `${type.name}, ${language}`);
        })
      : page.runs.map((run, index) =>
          bar(index, run[which].find((t) => t.code === type.code) ?? null, `${type.name}, ${runLabel(page, index)}`),
        ),
  }));
  const drawn = bars(rows, width, "Score of each instruction type", `Bars from 0 to 100; ${READING}`);
  const names = languages ?? (page.runs.length > 1 ? page.runs.map((_, i) => runLabel(page, i)) : []);
  return html("div", {}, ...(names.length > 1 ? [legend(names)] : []), ...(drawn ? [drawn] : []));
}

function bar(index: number, figure: Figure | null, name: string): Bar {
  const most = figure && figure.unscored > 0 ? (figure.bounds?.high ?? null) : null;
  const open = most === null ? "" : `; ${figure!.unscored} without a verdict: at most ${percent(most)}`;
  return {
    series: index,
    score: figure?.score ?? null,
    low: figure?.interval?.low ?? null,
    high: figure?.interval?.high ?? null,
    most,
    text: figure && figure.score !== null
      ? `${name}: ${percent(figure.score)} ${span(figure.interval)}, ${figure.passed} of ${figure.n} passed${open}`
      : `${name}: no verdict`,
  };
}

// A table of coloured cells; `value` null is left empty.
function heat(
  rows: string[],
  columns: string[],
  value: (row: number, column: number) => number | null,
  text: (row: number, column: number) => string,
  width: number,
  title: string,
  description: string,
): HTMLElement {
  const label = Math.min(width * 0.36, Math.max(...rows.map(textWidth)) + 12);
  const cell = Math.min(64, (width - label) / columns.length);
  const high = Math.min(34, Math.max(24, cell * 0.62));
  const top = 22;
  const content: Node[] = [];
  const marks: Mark[] = [];
  columns.forEach((column, index) => {
    content.push(
      svg("text", { x: label + (index + 0.5) * cell, y: 14, class: "tick middle" }, fit(column, cell - 2)),
    );
  });
  rows.forEach((row, r) => {
    const y = top + r * high;
    content.push(svg("text", { x: label - 8, y: y + high / 2 + 4, class: "label end" }, fit(row, label - 10)));
    columns.forEach((_, c) => {
      const v = value(r, c);
      const x = label + c * cell;
      const group = svg("g");
      // Eleven steps, as classes: each theme has its own ramp.
      const step = v === null ? "none" : String(Math.round(Math.max(0, Math.min(100, v)) / 10));
      group.append(svg("rect", { x: x + 1, y: y + 1, width: cell - 2, height: high - 2, rx: 3, class: `heat h${step}` }));
      if (cell >= 26) {
        group.append(
          svg("text", { x: x + cell / 2, y: y + high / 2 + 4, class: `cell middle t${step}` }, v === null ? "–" : v.toFixed(0)),
        );
      }
      marks.push({ element: group as SVGElement, text: text(r, c) });
      content.push(group);
    });
  });
  return chart(width, top + rows.length * high + 4, title, description, content, marks);
}

function typeHeat(page: Page, width: number, which: Types): HTMLElement {
  const types = typesOf(page, which);
  const figure = (r: number, c: number) => page.runs[r]![which].find((t) => t.code === types[c]!.code) ?? null;
  return heat(
    page.runs.map((_, i) => runLabel(page, i)),
    types.map((t) => t.code),
    (r, c) => figure(r, c)?.score ?? null,
    (r, c) => bar(0, figure(r, c), `${runLabel(page, r)}, ${types[c]!.name}`).text,
    width,
    "Score of each run in each instruction type",
    "Runs down, types across; darker is better.",
  );
}

function flipHeat(page: Page, width: number): HTMLElement | null {
  const flips: Flips | null = page.flips;
  if (!flips || flips.judges.length < 2) return null;
  const names = flips.judges;
  return heat(
    names,
    names,
    (r, c) => (r === c ? null : (flips.share[r]?.[c] ?? null)),
    (r, c) =>
      r === c
        ? names[r]!
        : `${names[r]} and ${names[c]} differ on ${percent(flips.share[r]?.[c])} % of ${flips.n[r]?.[c]} responses; ` +
          `${percent(flips.strict[r]?.[c])} % pass with the first only`,
    width,
    "How often two judges differ on the same responses",
    "Judges down and across; each cell is the share of responses with opposite verdicts.",
  );
}

// One run's profile over the types. The mean of all runs is the dashed line, where there are several.
function radar(page: Page, index: number, types: { code: string; name: string }[], size: number): HTMLElement {
  const middle = size / 2;
  const radius = size / 2 - 30;
  const angle = (i: number) => (i / types.length) * 2 * Math.PI - Math.PI / 2;
  const at = (i: number, score: number): [number, number] => [
    middle + Math.cos(angle(i)) * (radius * score) / 100,
    middle + Math.sin(angle(i)) * (radius * score) / 100,
  ];
  const path = (scores: number[]) =>
    scores.map((score, i) => `${i === 0 ? "M" : "L"}${at(i, score).map((v) => v.toFixed(1)).join(" ")}`).join("") + "Z";
  const content: Node[] = [];
  for (const ring of [25, 50, 75, 100]) {
    content.push(svg("path", { d: path(types.map(() => ring)), class: ring === 100 ? "ring outer" : "ring" }));
  }
  types.forEach((type, i) => {
    const [x, y] = at(i, 100);
    const [lx, ly] = [middle + Math.cos(angle(i)) * (radius + 15), middle + Math.sin(angle(i)) * (radius + 15)];
    content.push(
      svg("line", { x1: middle, y1: middle, x2: x, y2: y, class: "grid" }),
      svg("text", { x: lx, y: ly + 4, class: "tick middle" }, fit(type.code, 46)),
    );
  });
  const scoreOf = (r: number, code: string) => page.runs[r]!.by_type.find((t) => t.code === code)?.score ?? null;
  if (page.runs.length > 1) {
    const means = types.map((type) => {
      const known = page.runs.map((_, r) => scoreOf(r, type.code)).filter((s): s is number => s !== null);
      return known.length ? known.reduce((a, b) => a + b, 0) / known.length : 0;
    });
    content.push(svg("path", { d: path(means), class: "mean" }));
  }
  const scores = types.map((type) => scoreOf(index, type.code));
  const marks: Mark[] = [];
  // A type without a verdict has no place on its axis: the outline skips it.
  const known = scores.map((score, i) => ({ score, i })).filter((p): p is { score: number; i: number } => p.score !== null);
  if (known.length > 1) {
    const outline =
      known.map((p, k) => `${k === 0 ? "M" : "L"}${at(p.i, p.score).map((v) => v.toFixed(1)).join(" ")}`).join("") + "Z";
    content.push(svg("path", { d: outline, class: `area ${series(index)}` }));
  }
  for (const p of known) {
    const [x, y] = at(p.i, p.score);
    const dot = svg("circle", { cx: x, cy: y, r: 3.5, class: `fill ${series(index)}` });
    content.push(dot);
    marks.push({ element: dot as SVGElement, text: `${types[p.i]!.name}: ${percent(p.score)}` });
  }
  const label = runLabel(page, index);
  return html(
    "div",
    { class: "radar" },
    html("p", { class: "caption" }, label),
    chart(size, size, `Profile of ${label} over the instruction types`, "One axis per type, 0 in the middle, 100 outside.", content, marks),
  );
}

function radars(page: Page, width: number): HTMLElement | null {
  const types = typesOf(page);
  if (types.length < 3) return null;
  const single = page.runs.length === 1;
  const grid = html("div", { class: single ? "radars single" : "radars" });
  // On a phone there is one column.
  const size = single ? Math.min(width, 420) : width < 520 ? Math.min(width, 380) : 260;
  page.runs.forEach((run, index) => {
    if (run.by_type.some((t) => t.score !== null)) grid.append(radar(page, index, types, size));
  });
  return grid;
}

function bestOf(page: Page, width: number): HTMLElement | null {
  const single = page.runs.length === 1;
  const curves = single
    ? [
        { name: "overall", series: 0, points: page.runs[0]!.best_of?.overall.points ?? [], thin: false },
        ...shownTypes(page.runs[0]!.best_of)
          .filter((c) => c.key !== "(none)")
          .map((c, i) => ({ name: c.key, series: i + 1, points: c.points, thin: true })),
      ]
    : page.runs.map((run, index) => ({
        name: runLabel(page, index),
        series: index,
        points: run.best_of?.overall.points ?? [],
        thin: false,
      }));
  const drawn = curves.filter((curve) => curve.points.length > 1);
  if (drawn.length === 0) return null;
  const all = [...new Set(drawn.flatMap((curve) => curve.points.map((p) => p.n)))].sort((a, b) => a - b);
  const height = 300;
  const right = single ? 70 : 14;
  const x = scale([Math.log2(all[0]!), Math.log2(all[all.length - 1]!)], [36, width - right]);
  const y = scale([0, 100], [height - 30, 10]);
  const content: Node[] = [];
  const marks: Mark[] = [];
  for (const tick of AXIS) {
    content.push(
      svg("line", { x1: 36, x2: width - right, y1: y(tick), y2: y(tick), class: tick === 0 ? "axis" : "grid" }),
      svg("text", { x: 28, y: y(tick) + 4, class: "tick end" }, String(tick)),
    );
  }
  for (const n of all) {
    content.push(svg("text", { x: x(Math.log2(n)), y: height - 12, class: "tick middle" }, String(n)));
  }
  content.push(svg("text", { x: (width - right + 36) / 2, y: height, class: "muted middle" }, "N"));
  for (const curve of drawn) {
    const place = (p: { n: number; score: number }) => `${x(Math.log2(p.n)).toFixed(1)} ${y(p.score).toFixed(1)}`;
    if (!curve.thin) {
      const band =
        curve.points.map((p, i) => `${i ? "L" : "M"}${place({ n: p.n, score: p.high })}`).join("") +
        [...curve.points].reverse().map((p) => `L${place({ n: p.n, score: p.low })}`).join("") + "Z";
      content.push(svg("path", { d: band, class: `band ${series(curve.series)}` }));
    }
    content.push(
      svg("path", {
        d: curve.points.map((p, i) => `${i ? "L" : "M"}${place(p)}`).join(""),
        class: `line ${series(curve.series)}${curve.thin ? " thin" : ""}${curve.series >= 8 ? " dashed" : ""}`,
      }),
    );
    for (const p of curve.points) {
      const dot = svg("circle", { cx: x(Math.log2(p.n)), cy: y(p.score), r: curve.thin ? 2.5 : 4, class: `fill ${series(curve.series)}` });
      content.push(dot);
      marks.push({ element: dot as SVGElement, text: `${curve.name}, best of ${p.n}: ${percent(p.score)} ${span(p)}` });
    }
  }
  if (single) {
    // Names at the curves' ends, in the ends' order, moved apart where they would overlap.
    const names = drawn.map((curve) => ({ curve, y: y(curve.points[curve.points.length - 1]!.score) + 4 }));
    names.sort((a, b) => a.y - b.y);
    for (let i = 1; i < names.length; ++i) names[i]!.y = Math.max(names[i]!.y, names[i - 1]!.y + 12);
    let floor = height - 22;
    for (const name of [...names].reverse()) {
      name.y = Math.min(name.y, floor);
      floor = name.y - 12;
    }
    for (const { curve, y: at } of names) {
      content.push(svg("text", { x: width - right + 8, y: at, class: `tick text ${series(curve.series)}` }, fit(curve.name, 60)));
    }
  }
  const figure = chart(
    width, height + 4, "Best of N",
    "N on a doubling scale across, the share of questions with at least one passing response up.",
    content, marks,
  );
  return single ? figure : html("div", {}, legend(drawn.map((c) => c.name)), figure);
}

function languages(page: Page, width: number): HTMLElement | null {
  const single = page.runs.length === 1;
  const first = page.runs.find((run) => run.language_gap)?.language_gap;
  if (!first) return null;
  const rows = single
    ? [{ label: "overall", gap: first.overall }, ...first.by_type.map((gap) => ({ label: gap.key, gap }))]
    : page.runs.flatMap((run, index) =>
        run.language_gap ? [{ label: runLabel(page, index), gap: run.language_gap.overall }] : [],
      );
  const label = Math.min(width * 0.38, Math.max(...rows.map((r) => textWidth(r.label))) + 12);
  const x = scale([0, 100], [label, width - 54]);
  const content: Node[] = [];
  const body: Node[] = [];
  const marks: Mark[] = [];
  rows.forEach((row, index) => {
    const y = 16 + index * 24;
    const group = svg("g");
    group.append(
      svg("line", { x1: x(row.gap.first), x2: x(row.gap.second), y1: y, y2: y, class: "link" }),
      svg("circle", { cx: x(row.gap.first), cy: y, r: 5, class: "fill s0" }),
      svg("circle", { cx: x(row.gap.second), cy: y, r: 5, class: "fill s1" }),
      svg("text", { x: width - 2, y: y + 4, class: "value end" }, `${row.gap.difference >= 0 ? "+" : "−"}${Math.abs(row.gap.difference).toFixed(1)}`),
      svg("rect", { x: 0, y: y - 12, width, height: 24, class: "hit" }),
    );
    body.push(svg("text", { x: label - 8, y: y + 4, class: "label end" }, fit(row.label, label - 10)), group);
    marks.push({
      element: group as SVGElement,
      text: `${row.label}: ${first.first_language} ${percent(row.gap.first)}, ${first.second_language} ${percent(row.gap.second)}, difference ${row.gap.difference.toFixed(1)} ${span(row.gap)}`,
    });
  });
  const bottom = 16 + rows.length * 24;
  for (const tick of AXIS) {
    content.push(
      svg("line", { x1: x(tick), x2: x(tick), y1: 4, y2: bottom - 8, class: tick === 0 ? "axis" : "grid" }),
      svg("text", { x: x(tick), y: bottom + 6, class: "tick middle" }, String(tick)),
    );
  }
  return html(
    "div",
    {},
    legend([first.first_language, first.second_language]),
    chart(width, bottom + 14, "The two languages", "Two dots per line on a scale from 0 to 100; the figure at the end is their difference.", [...content, ...body], marks),
  );
}

// What the question asks about first; each has a colour of its own (report.css).
const MODES = [
  "inertia", "partial", "incapacity", "off_task", "over_compliance", "refusal", "truncation", "blank", "unclassified",
];

function failures(page: Page, width: number): HTMLElement | null {
  const single = page.runs.length === 1;
  const rows = single
    ? shownTypes(page.runs[0]!.failures).map((t) => ({ label: t.type, modes: t.modes }))
    : page.runs.map((run, index) => ({ label: runLabel(page, index), modes: run.failures.modes }));
  const modes = MODES.filter((mode) => rows.some((row) => (row.modes[mode] ?? 0) > 0));
  if (modes.length === 0) return null;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const most = Math.max(...rows.map((row) => sum(row.modes)));
  const label = Math.min(width * 0.38, Math.max(...rows.map((r) => textWidth(r.label))) + 12);
  const x = scale([0, most], [label, width - 46]);
  const content: Node[] = [svg("line", { x1: x(0), x2: x(0), y1: 4, y2: rows.length * 26 + 6, class: "axis" })];
  const marks: Mark[] = [];
  rows.forEach((row, index) => {
    const y = 8 + index * 26;
    content.push(svg("text", { x: label - 8, y: y + 13, class: "label end" }, fit(row.label, label - 10)));
    let from = 0;
    modes.forEach((mode) => {
      const count = row.modes[mode] ?? 0;
      if (count === 0) return;
      const part = svg("rect", {
        x: x(from) + 0.5, y, width: Math.max(1, x(from + count) - x(from) - 1), height: 18, rx: 2, class: `mode ${mode}`,
      });
      content.push(part);
      marks.push({ element: part as SVGElement, text: `${row.label}, ${mode.replace(/_/g, "-")}: ${count} of ${sum(row.modes)} failures` });
      from += count;
    });
    content.push(svg("text", { x: x(from) + 6, y: y + 13, class: "value" }, String(from)));
  });
  return html(
    "div",
    {},
    legend(modes.map((mode) => mode.replace(/_/g, "-")), modes.map((mode) => `mode ${mode}`)),
    chart(width, rows.length * 26 + 12, "Why responses failed", "One stacked bar per line: the number of failures by mode.", content, marks),
  );
}

export const CHARTS: Record<string, Draw> = {
  overall: overallBars,
  types: (page, width) => typeBars(page, width, "by_type"),
  further_types: (page, width) => typeBars(page, width, "further_types"),
  radar: radars,
  best_of: bestOf,
  language_gap: languages,
  failures,
  flips: flipHeat,
};
