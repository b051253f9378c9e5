/**
 * Paints points with WebGL 2: one draw for all of them, so that a million stay usable.
 *
 * @module
 */
import type { Camera, Size } from "./camera.ts";

/** The most that {@linkcode PointPainter.paint} takes for `every`: WebGL steps over 255 bytes at most. */
export const SPARSEST = 16;

/** Paints points on a canvas. */
export type PointPainter = {
  /** Sets where the points are: x and y in turn. */
  readonly setPoints: (points: Float32Array) => void;
  /** Sets each point's colour: red, green, blue and opacity in turn, 0 to 255. */
  readonly setColours: (colours: Uint8Array) => void;
  /** Paints every point, or every n-th. `radius` is in pixels of the screen. */
  readonly paint: (camera: Camera, size: Size, ratio: number, radius: number, every: number) => void;
};

const vertex = `#version 300 es
in vec2 point;
in vec4 colour;
uniform vec2 middle;
uniform vec2 perUnit;
uniform float diameter;
out vec4 shade;
void main() {
  shade = colour;
  // What is invisible, or nowhere, is put outside of the view.
  bool isShown = colour.a > 0.0 && point.x == point.x;
  gl_Position = isShown ? vec4((point - middle) * perUnit, 0.0, 1.0) : vec4(2.0, 2.0, 0.0, 1.0);
  gl_PointSize = diameter;
}`;

const fragment = `#version 300 es
precision highp float;
in vec4 shade;
uniform float diameter;
out vec4 painted;
void main() {
  float inside = diameter * (0.5 - length(gl_PointCoord - 0.5));
  float opacity = shade.a * clamp(inside + 0.5, 0.0, 1.0);
  painted = vec4(shade.rgb * opacity, opacity);
}`;

/** A painter for a canvas; undefined where the browser has no WebGL 2. */
export function pointPainter(canvas: HTMLCanvasElement): PointPainter | undefined {
  const gl = canvas.getContext("webgl2", { antialias: false, depth: false, premultipliedAlpha: true });
  if (gl === null) return undefined;
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "No program");
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const attribute = (name: string): { readonly buffer: WebGLBuffer; readonly place: number } => {
    const place = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(place);
    return { buffer: gl.createBuffer(), place };
  };
  const [point, colour] = [attribute("point"), attribute("colour")];
  /** Reads every n-th point and its colour from now on. */
  const take = (every: number): void => {
    gl.bindBuffer(gl.ARRAY_BUFFER, point.buffer);
    gl.vertexAttribPointer(point.place, 2, gl.FLOAT, false, 8 * every, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, colour.buffer);
    gl.vertexAttribPointer(colour.place, 4, gl.UNSIGNED_BYTE, true, 4 * every, 0);
  };
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const [middle, perUnit, diameter] = [uniform("middle"), uniform("perUnit"), uniform("diameter")];
  const [, largest] = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE) as Float32Array;
  let count = 0;
  let coloured = 0;
  return {
    setPoints: (points) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, point.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, points, gl.STATIC_DRAW);
      count = points.length / 2;
    },
    setColours: (colours) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, colour.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW);
      coloured = colours.length / 4;
    },
    paint: ({ x, y, scale }, { width, height }, ratio, radius, every) => {
      take(every);
      gl.viewport(0, 0, Math.round(width * ratio), Math.round(height * ratio));
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(middle, x, y);
      gl.uniform2f(perUnit, 2 * scale / width, 2 * scale / height);
      gl.uniform1f(diameter, Math.min(2 * radius * ratio, largest));
      gl.drawArrays(gl.POINTS, 0, Math.floor(Math.min(count, coloured) / every));
    },
  };
}
