import { type Command, Option } from "../dependencies/commander.ts";
import { resolve } from "node:path";
import type { Cluster } from "../engine/mod.ts";
import type { ClusterRequest } from "../run/cluster/members.ts";
import { type Options, positiveNumber, refuseBoth, wholeNumber } from "./options.ts";
import { programWithout } from "./shell.ts";
import { say } from "./terminal.ts";

/**
 * Gives a command the flags by which several processes share its work.
 *
 * @param shared What each of them has a part of, such as "every batch".
 */
export function withWorkers(command: Command, shared: string): Command {
  return command
    .optionsGroup("Several processes (docs/distributed.md):")
    .option("--workers <n>", `use n processes on this machine, each with a part of ${shared}`)
    .option("--cluster <file>", 'the addresses of the processes on several machines, JSON: ["10.0.0.1:4000", ...]')
    .option("--rank <n>", "the place of this process among them, from 0; auto: as Slurm or Kubernetes say")
    .option("--timeout <s>", "seconds after which a process that does not answer counts as missing (default 600)");
}

/** How gradients travel between processes. */
export function wireOption(): Option {
  const about = "how the gradients of matrices and filters travel between them; float32 where absent";
  return new Option("--wire <precision>", about).choices(["float32", "bfloat16"]);
}

/** How the processes of several machines are found. */
export function clusterOf({ cluster, rank, timeout, wire, workers }: Options): ClusterRequest {
  refuseBoth({ workers, cluster }, "workers", "cluster");
  return {
    ...cluster === undefined ? {} : { hosts: resolve(String(cluster)) },
    ...rank === undefined ? {} : { rank: String(rank) },
    ...timeout === undefined ? {} : { timeout: positiveNumber("timeout", timeout) },
    ...wire === undefined ? {} : { wire: wire === "bfloat16" ? "bfloat16" : "float32" },
  };
}

/** The flags by which as many processes go on with the same work. */
export function flagsOfWorkers(
  { cluster, rank, timeout, wire }: Options,
  { addresses }: Pick<Cluster, "addresses"> = { addresses: [] },
): readonly string[] {
  const areHere = addresses.length > 1 && addresses.every((address) => address.startsWith("127."));
  const found = cluster !== undefined
    ? ["--cluster", cluster, "--rank", rank]
    : areHere
    ? ["--workers", addresses.length]
    : []; // alone, or as TF_CONFIG says, which is still there
  const how = Object.entries({ timeout, wire }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value]
  );
  return [...found, ...how].map(String);
}

/**
 * Starts the workers of this machine, which are this program again, if the options ask for any.
 *
 * @param options The options.
 * @param folder The run's folder, where they train.
 * @returns Whether they were started, and all have ended well.
 */
export async function launched(options: Options, folder?: string): Promise<boolean> {
  const { workers, restart, timeout } = options;
  if (workers === undefined && restart === undefined) return false;
  const { launch } = await import("../run/cluster/launch.ts");
  const own = ["--workers", "--restart"];
  const code = await launch({
    command: (resume) =>
      resume
        ? [...programWithout(...own, "--init", "--training-init", "--preset"), "--resume"] as const
        : programWithout(...own),
    workers: wholeNumber("workers", workers ?? "1"),
    restarts: wholeNumber("restart", restart ?? "0", 0),
    ...timeout === undefined ? {} : { timeout: positiveNumber("timeout", timeout) },
    ...folder === undefined ? {} : { folder },
    note: say,
  });
  if (code !== 0) Deno.exit(code); // the workers have said why
  return true;
}
