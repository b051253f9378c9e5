/**
 * Light or dark: as the system says, unless the reader chose.
 *
 * @module
 */
import { effect, signal } from "@preact/signals";

/** A choice of colours. */
export type Theme = "system" | "light" | "dark";

const key = "moco-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => systemIsDark.value = matches);

/** What the reader chose. */
export const theme = signal<Theme>(readTheme());

/** Whether it is dark. */
export function isDark(): boolean {
  return theme.value === "system" ? systemIsDark.value : theme.value === "dark";
}

/** Colours the page, from now on. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    localStorage.setItem(key, theme.value);
  });
}

function readTheme(): Theme {
  const stored = localStorage.getItem(key);
  return stored === "light" || stored === "dark" ? stored : "system";
}
