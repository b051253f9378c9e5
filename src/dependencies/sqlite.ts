/** SQLite, which Deno contains. */
export { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
