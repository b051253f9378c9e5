/** Checks values against schemas, and writes schemas as JSON Schema. */
export * as z from "npm:zod@4.6.7";
