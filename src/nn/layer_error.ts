import type { Tensor } from "../engine/mod.ts";

/** What does not fit a layer. Each enclosing container adds its name, so the message gives the layer's path. */
export class LayerError extends TypeError {
  /**
   * The error of one layer.
   *
   * @param verb "initialize" or "apply".
   * @param kind The layer's kind, such as "conv".
   * @param expected What fits it.
   * @param found What it was given.
   * @param path Where the layer is in the network: names, outermost first.
   */
  constructor(
    readonly verb: string,
    readonly kind: string,
    readonly expected: string,
    readonly found: string,
    readonly path: readonly string[] = [],
  ) {
    const where = path.length === 0 ? kind : `${kind} "${path.join(".")}"`;
    super(`Cannot ${verb} ${where}: expected ${expected}, found ${found}`);
    this.name = "LayerError";
  }
}

/** Runs `f`. If there is a `name`, it is added to the path of an error from a layer inside. */
export function within<T>(name: string | undefined, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (name === undefined || !(error instanceof LayerError)) throw error;
    throw new LayerError(error.verb, error.kind, error.expected, error.found, [name, ...error.path]);
  }
}

/** A tensor's or a sample's shape, for messages. */
export function shapeText(of: Tensor | readonly number[]): string {
  return `[${("shape" in of ? of.shape : of).join(", ")}]`;
}
