import { EngineError } from "../install/mod.ts";
import { backend, executeEager, releaseTensor, type Tensor } from "../native/mod.ts";
import type { Elements } from "./elements.ts";

/** A position in a data set. */
export type Iterator = {
  /**
   * The components of the next element, waiting for it if need be; undefined at the end. The caller frees them.
   *
   * @throws {EngineError} the element's error. The iterator goes on with the next element.
   */
  readonly next: () => Tensor[] | undefined;
  /** Ends the work on elements that have not been taken, and frees them. */
  readonly close: () => void;
};

/**
 * An iterator at the beginning of a data set. It takes the data set over. Nothing is computed before an element is
 * asked for.
 */
export function iterator({ id, components }: Elements): Iterator {
  const attributes = {
    output_types: components.map(({ dtype }) => dtype),
    output_shapes: components.map(({ shape }) => shape),
  };
  const [{ id: resource }] = executeEager("AnonymousIteratorV3", attributes, [], 1);
  try {
    executeEager("MakeIterator", {}, [id, resource], 0);
  } catch (error) {
    releaseTensor(resource);
    throw error;
  } finally {
    releaseTensor(id);
  }
  return {
    next: () => {
      try {
        return executeEager("IteratorGetNext", attributes, [resource], components.length)
          .map((component) => backend().createOutputTensor(component));
      } catch (error) {
        if (error instanceof EngineError && error.kind === "end") return undefined;
        throw error;
      }
    },
    close: () => releaseTensor(resource),
  };
}
