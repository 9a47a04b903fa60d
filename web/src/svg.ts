// SVG by hand: elements, scales, and charts that a keyboard can read.
//
// Every text goes through textContent or setAttribute: nothing of a report is ever parsed as markup.

const NS = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number>;

export function svg(name: string, attributes: Attributes = {}, ...children: (Node | string)[]) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === "number" ? String(round(value)) : value);
  }
  element.append(...children);
  return element;
}

export function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function scale(from: [number, number], to: [number, number]) {
  const factor = (to[1] - to[0]) / (from[1] - from[0] || 1);
  return (value: number) => to[0] + (value - from[0]) * factor;
}

// A mark that says something: what the tooltip and the keyboard's reader get.
export interface Mark {
  element: SVGElement;
  text: string;
}

// The series' colours are classes, so that the two themes and print can each have theirs.
export const SERIES = 8;
export function series(index: number): string {
  return `s${index % SERIES}`;
}

let charts = 0;

// A chart in its frame. `title` is what it shows, `description` how to read it. Marks are reached
// by pointer, or by focusing the chart and pressing the arrow keys.
export function chart(
  width: number,
  height: number,
  title: string,
  description: string,
  content: (Node | string)[],
  marks: Mark[],
): HTMLElement {
  const id = `chart${++charts}`;
  const drawing = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": `${id}t ${id}d`,
    tabindex: 0,
    class: "chart",
  });
  drawing.append(
    svg("title", { id: `${id}t` }, title),
    svg("desc", { id: `${id}d` }, `${description} Arrow keys read the values one by one.`),
    ...content,
  );
  const live = html("p", { class: "tip", "aria-live": "polite" });
  let at = -1;
  const show = (index: number) => {
    marks[at]?.element.classList.remove("active");
    at = index;
    const mark = marks[index];
    mark?.element.classList.add("active");
    live.textContent = mark ? mark.text : "";
  };
  marks.forEach((mark, index) => {
    mark.element.classList.add("mark");
    mark.element.addEventListener("pointerenter", () => show(index));
    mark.element.addEventListener("pointerdown", () => show(index));
  });
  drawing.addEventListener("pointerleave", () => show(-1));
  drawing.addEventListener("blur", () => show(-1));
  drawing.addEventListener("keydown", (event) => {
    const key = (event as KeyboardEvent).key;
    const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : key === "ArrowLeft" || key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && marks.length > 0) {
      show((Math.max(at, step > 0 ? -1 : 0) + step + marks.length) % marks.length);
      event.preventDefault();
    }
    if (key === "Escape") show(-1);
  });
  return html("div", { class: "frame" }, drawing, live);
}

// What a label of the charts' 12 pixels takes at most, whatever the font.
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width += character.codePointAt(0)! > 0x2e80 ? 12.5 : /[A-Z@%mwM]/.test(character) ? 9 : 6.9;
  }
  return width;
}

export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let out = "";
  for (const character of text) {
    if (textWidth(out + character + "…") > width) break;
    out += character;
  }
  return out + "…";
}

// `classes` say the swatches' colours; those of the series in order, where there are none.
export function legend(labels: string[], classes?: string[]): HTMLElement {
  const list = html("ul", { class: "legend" });
  labels.forEach((label, index) => {
    const swatch = svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" });
    swatch.append(svg("rect", { x: 1, y: 1, width: 12, height: 12, rx: 3, class: classes?.[index] ?? `fill ${series(index)}` }));
    list.append(html("li", {}, swatch, label));
  });
  return list;
}
