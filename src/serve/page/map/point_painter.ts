/**
 * Paints points with WebGL 2: one draw for all of them, so that a million stay usable.
 *
 * @module
 */
import type { Camera, Size } from "./camera.ts";

/** Paints points on a canvas. */
export type PointPainter = {
  /** Sets where the points are: x and y in turn. */
  readonly setPoints: (points: Float32Array) => void;
  /** Sets each point's colour: red, green, blue and opacity in turn, 0 to 255. */
  readonly setColours: (colours: Uint8Array) => void;
  /** Paints. `radius` is in pixels of the screen. */
  readonly paint: (camera: Camera, size: Size, ratio: number, radius: number) => void;
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
  const attribute = (name: string, size: number, type: number, normalized: boolean): WebGLBuffer => {
    const buffer = gl.createBuffer();
    const place = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, type, normalized, 0, 0);
    return buffer;
  };
  const point = attribute("point", 2, gl.FLOAT, false);
  const colour = attribute("colour", 4, gl.UNSIGNED_BYTE, true);
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const [middle, perUnit, diameter] = [uniform("middle"), uniform("perUnit"), uniform("diameter")];
  const [, largest] = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE) as Float32Array;
  let count = 0;
  let coloured = 0;
  return {
    setPoints: (points) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, point);
      gl.bufferData(gl.ARRAY_BUFFER, points, gl.STATIC_DRAW);
      count = points.length / 2;
    },
    setColours: (colours) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, colour);
      gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW);
      coloured = colours.length / 4;
    },
    paint: ({ x, y, scale }, { width, height }, ratio, radius) => {
      gl.viewport(0, 0, Math.round(width * ratio), Math.round(height * ratio));
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(middle, x, y);
      gl.uniform2f(perUnit, 2 * scale / width, 2 * scale / height);
      gl.uniform1f(diameter, Math.min(2 * radius * ratio, largest));
      gl.drawArrays(gl.POINTS, 0, Math.min(count, coloured));
    },
  };
}
