/** Keeps the points inside of a polygon: those from which a ray crosses its border an odd number of times. */
export function keepInside(shown: Uint8Array, points: Float32Array, polygon: readonly number[]): void {
  const corners = polygon.length / 2;
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let corner = 0; corner < corners; corner++) {
    left = Math.min(left, polygon[2 * corner]);
    right = Math.max(right, polygon[2 * corner]);
    bottom = Math.min(bottom, polygon[2 * corner + 1]);
    top = Math.max(top, polygon[2 * corner + 1]);
  }
  for (let row = 0; row < shown.length; row++) {
    if (shown[row] === 0) continue;
    const [x, y] = [points[2 * row], points[2 * row + 1]];
    let isInside = false;
    if (x >= left && x <= right && y >= bottom && y <= top) {
      for (let here = 0, before = corners - 1; here < corners; before = here++) {
        const [x1, y1, x2, y2] = [
          polygon[2 * here],
          polygon[2 * here + 1],
          polygon[2 * before],
          polygon[2 * before + 1],
        ];
        if ((y1 > y) !== (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1) isInside = !isInside;
      }
    }
    if (!isInside) shown[row] = 0;
  }
}
