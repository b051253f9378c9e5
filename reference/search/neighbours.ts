/**
 * Exact nearest neighbours of unit vectors, in float64.
 *
 * @module
 */
import { dot, type Matrix } from "../matrix.ts";

/** A row and its cosine similarity. */
export type Similar = { readonly row: number; readonly similarity: number };

/** The rows of a bank by falling similarity to a query, equal ones in their order. */
export function ranked(query: readonly number[], bank: Matrix): Similar[] {
  return bank.map((row, i) => ({ row: i, similarity: dot(query, row) }))
    .sort((a, b) => b.similarity - a.similarity || a.row - b.row);
}

/** The k nearest other rows of each row. */
export function neighbours(rows: Matrix, k: number): Similar[][] {
  return rows.map((row, i) => ranked(row, rows).filter((found) => found.row !== i).slice(0, k));
}
