/**
 * The pictures on the map: as many as fit side by side where few enough images are in view.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { detailsOf, pictureAddress } from "../state/collection.ts";
import { type Camera, type Size, toMap, toScreen } from "./camera.ts";
import { type Colour, css } from "./colours.ts";
import type { PointIndex } from "./point_index.ts";
import { type View, zoomOf } from "./view.ts";

/** An image that is shown as a picture. */
export type Spot = { readonly row: number; readonly side: number };

/** The most images in view for which pictures are shown. */
const FEW = 3000;

/** The most pictures. */
const MOST = 160;

/** Images with fewer pixels on a side are enlarged without smoothing, so that their pixels are seen. */
const SMALL = 48;

/** Images that are kept once they are loaded. */
const KEPT = 1500;

/** Pictures by their addresses. */
const pictures = new Map<string, HTMLImageElement>();

/** How many pictures have come. */
export const arrivals = signal(0);

/** Chooses which images become pictures: from the middle outwards, none over another. */
export function chooseThumbnails(
  points: Float32Array,
  index: PointIndex,
  shown: Uint8Array,
  view: View,
): readonly Spot[] {
  const { camera, size } = view;
  const [left, top] = toMap(camera, size, 0, 0);
  const [right, bottom] = toMap(camera, size, size.width, size.height);
  const rows: number[] = [];
  index.within({ left, right, bottom, top }, (row) => {
    if (shown[row] === 1) rows.push(row);
    return rows.length > FEW;
  });
  if (rows.length === 0 || rows.length > FEW || (zoomOf(view) < 1.5 && rows.length > 300)) return [];
  const room = Math.sqrt(size.width * size.height / rows.length);
  const side = Math.round(Math.max(40, Math.min(112, 0.75 * room)));
  const cell = side + 4;
  const taken = new Set<string>();
  const spots: Spot[] = [];
  const distance = (row: number): number => Math.hypot(points[2 * row] - camera.x, points[2 * row + 1] - camera.y);
  for (const row of rows.sort((a, b) => distance(a) - distance(b))) {
    const [x, y] = toScreen(camera, size, points[2 * row], points[2 * row + 1]);
    // Two pictures of one cell's size can only meet where their cells do, so each takes the four cells around it.
    const [column, line] = [Math.floor(x / cell), Math.floor(y / cell)];
    const corner = [Math.floor(x / cell - 0.5), Math.floor(y / cell - 0.5)];
    const cells = [0, 1].flatMap((dx) => [0, 1].map((dy) => `${corner[0] + dx} ${corner[1] + dy}`));
    if (taken.has(`${column} ${line}`) || cells.some((one) => taken.has(one))) continue;
    cells.forEach((one) => taken.add(one));
    spots.push({ row, side });
    if (spots.length === MOST) break;
  }
  return spots;
}

/** Paints the pictures that are loaded, and loads the others; {@linkcode arrivals} says when one has come. */
export function paintThumbnails(
  context: CanvasRenderingContext2D,
  spots: readonly Spot[],
  points: Float32Array,
  camera: Camera,
  size: Size,
  colours: (row: number) => Colour,
): void {
  for (const { row, side } of spots) {
    const image = detailsOf(row);
    if (image === undefined) continue;
    const picture = pictureAt(pictureAddress("thumbnail", image.id));
    if (!picture.complete || picture.naturalWidth === 0) continue;
    const [x, y] = toScreen(camera, size, points[2 * row], points[2 * row + 1]);
    const [width, height] = [picture.naturalWidth, picture.naturalHeight];
    const cut = Math.min(width, height);
    context.save();
    context.beginPath();
    context.roundRect(x - side / 2, y - side / 2, side, side, 5);
    context.clip();
    context.imageSmoothingEnabled = cut >= SMALL;
    context.drawImage(picture, (width - cut) / 2, (height - cut) / 2, cut, cut, x - side / 2, y - side / 2, side, side);
    context.restore();
    context.lineWidth = 2;
    context.strokeStyle = css(colours(row));
    context.stroke();
  }
}

function pictureAt(address: string): HTMLImageElement {
  const known = pictures.get(address);
  if (known !== undefined) return known;
  const picture = new Image();
  picture.onload = () => arrivals.value++;
  picture.src = address;
  pictures.set(address, picture);
  for (const oldest of pictures.keys()) {
    if (pictures.size <= KEPT) break;
    pictures.delete(oldest);
  }
  return picture;
}
