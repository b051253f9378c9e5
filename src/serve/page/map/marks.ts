/**
 * What lies over the points of the map: the lasso, the region that is chosen, and rings around images.
 *
 * @module
 */
import { active, chosen, pointed } from "../state/chosen.ts";
import { type Camera, type Size, toScreen } from "./camera.ts";

/** What the reader draws, in pixels of the screen. */
export type Shape = {
  readonly kind: "lasso" | "rectangle";
  readonly corners: readonly (readonly [number, number])[];
};

/** What is marked, beside the images. */
export type Marked = { readonly shape: Shape | undefined; readonly region: readonly number[]; readonly radius: number };

/** The most images that get a ring. */
const RINGS = 2000;

/** Paints the marks. */
export function paintMarks(
  context: CanvasRenderingContext2D,
  points: Float32Array,
  camera: Camera,
  size: Size,
  { shape, region, radius }: Marked,
): void {
  const styles = getComputedStyle(context.canvas);
  const [ink, accent] = ["--ink", "--accent"].map((name) => styles.getPropertyValue(name));
  const outline = (corners: readonly (readonly [number, number])[], dash: readonly number[]): void => {
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(x, y);
    context.closePath();
    context.globalAlpha = 0.1;
    context.fillStyle = accent;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.setLineDash([...dash]);
    context.strokeStyle = accent;
    context.stroke();
    context.setLineDash([]);
  };
  if (region.length > 0) {
    const corners = Array.from(
      { length: region.length / 2 },
      (_, corner) => toScreen(camera, size, region[2 * corner], region[2 * corner + 1]),
    );
    outline(corners, [5, 4]);
  }
  if (shape?.kind === "lasso") outline(shape.corners, []);
  if (shape?.kind === "rectangle") {
    const [[x1, y1], [x2, y2]] = [shape.corners[0], shape.corners.at(-1)!];
    outline([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], []);
  }
  const ring = (row: number, colour: string, width: number, extra: number): void => {
    const [x, y] = toScreen(camera, size, points[2 * row], points[2 * row + 1]);
    context.beginPath();
    context.arc(x, y, radius + extra, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  };
  let rings = 0;
  for (const row of chosen.value) {
    if (rings++ > RINGS) break;
    ring(row, accent, 2, 2.5);
  }
  if (active.value >= 0) ring(active.value, ink, 2, 4);
  if (pointed.value >= 0) ring(pointed.value, ink, 1.5, 3);
}
