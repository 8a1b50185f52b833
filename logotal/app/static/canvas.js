// What every drawing needs: the colours of the page, and a canvas as sharp as the screen.

const NAMES = ["page", "panel", "lane", "line", "grid", "text", "quiet", "accent"];
const INKS = 8;
let read = null;

/** The colours of the page in its light or dark form. */
export function colours() {
  if (read) return read;
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(`--${name}`).trim();
  read = Object.fromEntries(NAMES.map((name) => [name, value(name)]));
  read.inks = Array.from({ length: INKS }, (_, k) => value(`ink-${k}`));
  return read;
}

/** Calls back when the page changes between light and dark. */
export function whenRecoloured(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { read = null; callback(); });
}

/** Empties a canvas of a size in pixels of the page, and gives what draws on it. */
export function emptied(canvas, width, height) {
  const ratio = devicePixelRatio || 1, wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    Object.assign(canvas, { width: wide, height: high });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  return context;
}
