/** Parses command lines. */
export * from "npm:commander@14.0.2";
