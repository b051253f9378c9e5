/** Answers requests on loopback while `f` runs with the address. */
export async function onLoopback<T>(
  answer: (request: Request) => Promise<Response>,
  f: (address: string) => Promise<T>,
): Promise<T> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  try {
    return await f(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

/** A file as a response, with the type of its contents. */
export async function fileOf(path: string, type: string): Promise<Response> {
  try {
    return new Response(await Deno.readFile(path), { headers: { "content-type": type } });
  } catch {
    return new Response("Not found", { status: 404 });
  }
}
