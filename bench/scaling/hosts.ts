/**
 * Hosts on this machine that stand for machines of a network: a network namespace each, with an address of its own. A
 * pair of virtual devices leads from each to a bridge between all. Linux gives them to root only.
 *
 * @module
 */

/** How fast the link of each host is. */
export type Link = {
  /** Bits a second that a host sends, as `tc` writes it: "1gbit". Default: as fast as the machine copies. */
  readonly rate?: string;
  /** What a packet waits before it is sent, as `tc` writes it: "10ms". Default: nothing. */
  readonly delay?: string;
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
 * Makes hosts.
 *
 * @param count How many.
 * @param link The link of each.
 * @throws {Error} with what the system says, where it gives none: to users other than root, or without the program `ip`.
 */
export async function openHosts(count: number, { rate, delay }: Link = {}): Promise<Hosts> {
  const name = (host: number | "bridge") => `moco-${Deno.pid}-${host}`;
  const addresses = Array.from({ length: count }, (_, host) => `10.77.0.${host + 1}`);
  const close = () => shell(["bridge" as const, ...addresses.keys()].map((host) => `ip netns del ${name(host)}`), ";");
  const bridge = `ip -n ${name("bridge")}`;
  const shaped = [
    ...delay === undefined ? [] : [`root handle 1: netem limit 100000 delay ${delay}`],
    ...rate === undefined
      ? []
      : [`${delay === undefined ? "root" : "parent 1:"} tbf rate ${rate} burst 256kb limit 16mb`],
  ];
  const lines = [
    `ip netns add ${name("bridge")}`,
    `${bridge} link add between type bridge`,
    `${bridge} link set between up`,
    ...addresses.flatMap((address, host) => {
      const inside = `ip -n ${name(host)}`;
      return [
        `ip netns add ${name(host)}`,
        `${inside} link add eth0 type veth peer name host${host} netns ${name("bridge")}`,
        `${inside} address add ${address}/24 dev eth0`,
        `${inside} link set lo up`,
        `${inside} link set eth0 up`,
        `${bridge} link set host${host} master between up`,
        ...shaped.map((discipline) => `ip netns exec ${name(host)} tc qdisc add dev eth0 ${discipline}`),
      ];
    }),
  ];
  try {
    await shell(lines, "&&");
  } catch (thrown) {
    await close().catch(() => {}); // those that were made
    throw thrown;
  }
  return {
    addresses,
    close,
    on: (host, command) => ["sh", "-c", `exec ip netns exec ${name(host)} "$@"`, "sh", ...command],
  };
}

async function shell(lines: readonly string[], between: "&&" | ";"): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", lines.join(` ${between} `)] }).output();
  if (!success) throw new Error(`Cannot make hosts: ${new TextDecoder().decode(stderr).trim()}`);
}
