/**
 * Folders of files on loopback, for a browser.
 *
 * @module
 */
import { extname, join } from "node:path";

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
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const [, name, ...rest] = decodeURIComponent(new URL(url).pathname).split("/");
    if (name === "") {
      return new Response("<!doctype html><title>Empty</title>", { headers: { "content-type": "text/html" } });
    }
    const path = join(folders[name] ?? "", ...rest);
    try {
      return new Response(await Deno.readFile(path), { headers: { "content-type": types[extname(path)] ?? "" } });
    } catch {
      return new Response("Not found", { status: 404 });
    }
  });
  try {
    return await f(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}
