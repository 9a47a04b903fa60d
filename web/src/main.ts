// Draws the charts into the figures that the page already has. Without it the page is complete but
// for them: every figure's numbers stand in a table below.

import { CHARTS } from "./charts";
import { Page, Run } from "./report";

function read(): Page | null {
  const text = document.getElementById("report")?.textContent;
  if (!text) return null;
  const data = JSON.parse(text);
  const runs: Run[] = data.report.runs ?? [data.report];
  return { runs, letters: data.letters, flips: data.flips ?? null };
}

function draw(page: Page) {
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
    const width = Math.max(280, Math.floor(figure.clientWidth));
    if (figure.dataset["width"] === String(width)) continue;
    const content = CHARTS[figure.dataset["chart"] ?? ""]?.(page, width) ?? null;
    figure.dataset["width"] = String(width);
    figure.replaceChildren(...(content ? [content] : []));
    figure.hidden = content === null;
  }
}

// Light, dark, or as the system has it; not kept anywhere.
function themes() {
  const button = document.getElementById("theme");
  if (!(button instanceof HTMLButtonElement)) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset["theme"] ?? (dark.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use the ${isDark() ? "light" : "dark"} theme`);
  };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);
}

function main() {
  const page = read();
  if (!page) return;
  themes();
  draw(page);
  let pending = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => draw(page));
  });
  // Paper shows what the screen folds away.
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

main();
