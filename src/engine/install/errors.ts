/**
 * What failed in the engine: its installation, its library, an operation, or an operation that reached the end of its
 * data.
 */
export type EngineErrorKind =
  | "installation"
  | "library"
  | "platform"
  | "operation"
  | "end";

/** A failure of the engine, in one sentence with the way out if there is one. */
export class EngineError extends Error {
  /** What failed. */
  readonly kind: EngineErrorKind;

  /**
   * An error of the engine.
   *
   * @param kind What failed.
   * @param message The sentence.
   */
  constructor(kind: EngineErrorKind, message: string) {
    super(message);
    this.name = "EngineError";
    this.kind = kind;
  }
}
