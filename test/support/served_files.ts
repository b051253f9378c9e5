/**
 * Folders of files on loopback, for a browser.
 *
 * @module
 */
import { extname, join } from "node:path";
import { fileOf, onLoopback } from "./loopback.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Folders by the first part of a path. The root is an empty page. */
export type Folders = Readonly<Record<string, string>>;

/** Serves folders while `f` runs with their address. */
export async function withFiles<T>(folders: Folders, f: (address: string) => Promise<T>): Promise<T> {
  return await onLoopback(async ({ url }) => {
    const [, name, ...rest] = decodeURIComponent(new URL(url).pathname).split("/");
    if (name === "") {
      return new Response("<!doctype html><title>Empty</title>", { headers: { "content-type": "text/html" } });
    }
    const path = join(folders[name] ?? "", ...rest);
    return await fileOf(path, types[extname(path)] ?? "");
  }, f);
}
