/**
 * Hosts on this machine that stand for machines of a network: a network namespace each, with an address of its own.
 * Linux gives them to root only.
 *
 * @module
 */

/** How slow the links between hosts are. */
export type Link = {
  /** Bits that a host sends in a second. */
  readonly bits: number;
  /** Seconds that a packet needs from one host to another. */
  readonly delay: number;
};

/** Some hosts that are there until they are closed. */
export type Hosts = {
  /** The address of each. */
  readonly addresses: readonly string[];
  /** A command that runs on one of them. */
  readonly on: (host: number, command: readonly string[]) => readonly [program: string, ...args: string[]];
  readonly close: () => Promise<void>;
};

/**
 * Makes hosts. What joins them is a pair of virtual devices from each to a bridge; or `link.py`, where it is to be
 * slow.
 *
 * @param count How many.
 * @param link How slow their links are. Default: as fast as the machine copies.
 * @throws {Error} with what the system says, where it gives none: to users other than root, or without the program `ip`.
 */
export async function openHosts(count: number, link?: Link): Promise<Hosts> {
  const addresses = Array.from({ length: count }, (_, host) => `10.77.0.${host + 1}`);
  const names = addresses.map((_, host) => nameOf(host));
  const bridge = nameOf("bridge");
  const all = [...names, bridge];
  const remove = () => shell(all.map((name) => `ip netns del ${name}`), ";");
  try {
    await shell(all.flatMap((name) => [`ip netns add ${name}`, `ip -n ${name} link set lo up`]), "&&");
    const slow = link && await slowLink(link, addresses);
    if (slow === undefined) await shell(bridged(bridge, addresses), "&&");
    return {
      addresses,
      on: (host, command) => ["sh", "-c", `exec ip netns exec ${names[host]} "$@"`, "sh", ...command],
      close: async () => {
        await slow?.close();
        await remove();
      },
    };
  } catch (thrown) {
    await remove().catch(() => {}); // those that were made
    throw thrown;
  }
}

function nameOf(host: number | "bridge"): string {
  return `moco-${Deno.pid}-${host}`;
}

/** The commands that join hosts by a bridge. */
function bridged(bridge: string, addresses: readonly string[]): readonly string[] {
  return [
    `ip -n ${bridge} link add between type bridge`,
    `ip -n ${bridge} link set between up`,
    ...addresses.flatMap((address, host) => [
      `ip -n ${nameOf(host)} link add eth0 type veth peer name host${host} netns ${bridge}`,
      `ip -n ${nameOf(host)} address add ${address}/24 dev eth0`,
      `ip -n ${nameOf(host)} link set eth0 up`,
      `ip -n ${bridge} link set host${host} master between up`,
    ]),
  ];
}

/** Joins hosts by slow links, until they are closed. */
async function slowLink({ bits, delay }: Link, addresses: readonly string[]): Promise<Pick<Hosts, "close">> {
  const program = new URL("./link.py", import.meta.url).pathname;
  const child = new Deno.Command("python3", {
    args: [program, String(bits), String(delay), ...addresses.flatMap((address, host) => [nameOf(host), address])],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { value } = await child.stdout.getReader().read();
  if (value === undefined) throw new Error("Cannot make slow links: python3 has ended, see above");
  return {
    close: async () => {
      await child.stdin.close();
      await child.status;
    },
  };
}

async function shell(lines: readonly string[], between: "&&" | ";"): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", lines.join(` ${between} `)] }).output();
  if (!success) throw new Error(`Cannot make hosts: ${new TextDecoder().decode(stderr).trim()}`);
}
