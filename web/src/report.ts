// The part of the JSON report (doc/report-format.md) that the charts draw. null is unknown.

export interface Figure {
  score: number | null;
  n: number;
  passed: number;
  unscored: number;
  interval: { low: number; high: number } | null;
  // The score if everything unscored had failed, and if it had passed.
  bounds: { low: number; high: number } | null;
}

export interface TypeGroup extends Figure {
  code: string;
  name: string;
  headline: boolean;
}

export interface Cell extends Figure {
  type: string;
  language: string;
}

export interface Point {
  n: number;
  score: number;
  low: number;
  high: number;
}

export interface Curve {
  key: string;
  points: Point[];
}

export interface TypeFailures {
  type: string;
  modes: Record<string, number>;
}

export interface Gap {
  key: string;
  first: number;
  second: number;
  difference: number;
  low: number;
  high: number;
}

export interface Run {
  run: { id: string };
  model: { spec: string };
  judge: { spec: string };
  overall: Figure;
  by_type: TypeGroup[];
  further_types: TypeGroup[];
  by_language: (Figure & { language: string })[];
  cells: Cell[];
  further_cells: Cell[];
  best_of: { overall: { points: Point[] }; by_type: Curve[]; further_types: Curve[] } | null;
  language_gap: {
    first_language: string;
    second_language: string;
    overall: Gap;
    by_type: Gap[];
  } | null;
  failures: {
    modes: Record<string, number>;
    by_type: TypeFailures[];
    further_types: TypeFailures[];
  };
}

// The types of the benchmark; of a run that asked none of them, the further ones.
export function shownTypes<T>(found: { by_type: T[]; further_types: T[] } | null): T[] {
  if (found === null) return [];
  return found.by_type.length > 0 ? found.by_type : found.further_types;
}

export interface Flips {
  judges: string[];
  // Rows and columns are judges: the share of responses on which they differ, 0 to 100.
  share: (number | null)[][];
  // The share that the row's judge passes and the column's fails.
  strict: (number | null)[][];
  n: number[][];
}

export interface Page {
  runs: Run[];
  letters: string[];
  flips: Flips | null;
}

// The label of a run in legends and tooltips.
export function runLabel(page: Page, index: number): string {
  const run = page.runs[index];
  if (!run) return "";
  return page.runs.length === 1 ? run.model.spec : `${page.letters[index]}  ${run.model.spec}`;
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(1);
}

export function span(figure: { low: number; high: number } | null): string {
  return figure === null ? "" : `[${figure.low.toFixed(1)}, ${figure.high.toFixed(1)}]`;
}
