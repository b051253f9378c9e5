import { EngineError } from "../install/mod.ts";
import { type Membership, startInCluster } from "../native/mod.ts";
import { keepMemoryOfMessages } from "./memory.ts";
import { acceptOnlyAt, greets } from "./sockets.ts";

/** The processes that compute together, as one of them sees them. */
export type Cluster = Membership & {
  /** How many there are. */
  readonly size: number;
};

/**
 * Joins a cluster: starts TensorFlow, with a server at this process's address. It waits until all members are
 * there.
 *
 * The server is TensorFlow's own. What it sends is not encrypted, and it does what anyone tells it who reaches it. On
 * Linux it takes connections to its own address only, if that is one of IPv4 in numbers and this machine's own;
 * elsewhere to every address.
 *
 * @param membership The addresses of all members, and which of them this process is.
 * @throws {RangeError} if the rank is not that of a member, or the patience is not above 0.
 * @throws {EngineError} if the engine was used before, the address cannot be listened on, or not all members come
 * in time.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { joinCluster } from "@momentum-contrast/moco";
 *
 * // Process 0 of two: const cluster = await joinCluster({ addresses, rank: 0, patience: 600 });
 * const addresses = ["127.0.0.1:4000", "127.0.0.1:4001"];
 * await assertRejects(() => joinCluster({ addresses, rank: 2, patience: 600 }), RangeError, "found 2");
 * ```
 */
export async function joinCluster(membership: Membership): Promise<Cluster> {
  const { addresses, rank, patience } = membership;
  if (!Number.isInteger(rank) || rank < 0 || rank >= addresses.length) {
    throw new RangeError(`Cannot join a cluster: expected a rank in [0, ${addresses.length}), found ${rank}`);
  }
  if (!(patience > 0 && Number.isFinite(patience))) {
    throw new RangeError(`Cannot join a cluster: expected a patience above 0 s, found ${patience}`);
  }
  let accepting = acceptOnlyAt(addresses[rank]);
  try {
    await startInCluster(membership, () => {
      if (accepting === "later") accepting = acceptOnlyAt(addresses[rank]);
    });
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown;
    const message = thrown.message + absent(membership);
    await new Promise((resolve) => setTimeout(resolve, STAYING));
    throw new EngineError(thrown.kind, message);
  }
  keepMemoryOfMessages();
  return { ...membership, size: addresses.length };
}

/** Milliseconds that a member has to greet; and that this one goes on to greet others, which may ask a little later. */
const [GREETING, STAYING] = [1000, 2000];

/** Who is not there, as the end of a sentence; empty if all are, or it cannot be told. */
function absent({ addresses, rank }: Membership): string {
  const names = addresses.flatMap((address, other) =>
    other !== rank && greets(address, GREETING) === false ? [`worker ${other} at ${address}`] : []
  );
  return names.length === 0 ? "" : `; ${names.join(" and ")} ${names.length === 1 ? "does" : "do"} not answer`;
}
