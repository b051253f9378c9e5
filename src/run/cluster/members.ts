/**
 * The processes of a training on several machines, as files and environments name them.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../../core/either.ts";
import type { Membership, Wire } from "../../engine/mod.ts";
import { isRecord } from "../../files/json.ts";
import { readJson } from "../configure.ts";
import type { UnreadableConfig } from "../configure_errors.ts";
import type { BadCluster } from "./errors.ts";

/** How a process is told of the others. */
export type ClusterRequest = {
  /** A JSON file with the addresses of all processes, `["10.0.0.1:4000", "10.0.0.2:4000"]`. Default: `TF_CONFIG`. */
  readonly hosts?: string;
  /** The place of this process among them, from 0; "auto": as Slurm or Kubernetes say. */
  readonly rank?: string;
  /** Seconds within which a process that does not come is missed. Default 600. */
  readonly timeout?: number;
  /** The precision in which the gradients of matrices and filters travel. Default "float32". */
  readonly wire?: Wire;
};

/** Reads a variable of the environment. */
export type Environment = (name: string) => string | undefined;

/** How long a member waits, and how numbers travel. */
type How = Pick<Membership, "patience" | "wire">;

/** Seconds of which a timeout leaves some to find out who is missing. */
const FINDING = 10;

/**
 * The members of a cluster, and which of them this process is; undefined if nothing names a cluster.
 *
 * @param request What was asked for.
 * @param environment The environment.
 */
export function membersOf(
  { hosts, rank, timeout = 600, wire = "float32" }: ClusterRequest,
  environment: Environment,
): TaskEither<BadCluster | UnreadableConfig, Membership | undefined> {
  const how = { patience: Math.max(1, timeout - Math.min(FINDING, timeout / 2)), wire };
  const variable = environment("TF_CONFIG");
  if (hosts === undefined) {
    if (rank !== undefined) {
      return TaskEither.left(bad("--rank", "--cluster with the addresses of all workers", "none"));
    }
    return variable === undefined ? TaskEither.right(undefined) : TaskEither.fromEither(ofVariable(variable, how));
  }
  return pipe(
    readJson(hosts),
    TaskEither.flatMapEither((addresses): Either<BadCluster, Membership> =>
      pipe(
        placeOf(rank, environment),
        Either.flatMap((place) => membership(hosts, addresses, place, how)),
      )
    ),
  );
}

/** The variables that say which of several equal processes one is: Slurm's, and that of a Kubernetes Job. */
const places = ["SLURM_PROCID", "JOB_COMPLETION_INDEX"] as const;

function placeOf(rank: string | undefined, environment: Environment): Either<BadCluster, number> {
  if (rank === undefined) return Either.left(bad("--rank", "the place of this worker, or auto", "none"));
  if (rank !== "auto") return Either.right(Number(rank));
  const found = places.map(environment).find((value) => value !== undefined);
  return found === undefined
    ? Either.left(bad("--rank auto", `one of the variables ${places.join(" and ")}`, "neither"))
    : Either.right(Number(found));
}

/**
 * TensorFlow's own description: `{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}`.
 * A "chief" is the first of all, before the workers.
 */
function ofVariable(text: string, how: How): Either<BadCluster, Membership> {
  try {
    const { cluster, task } = JSON.parse(text);
    if (isRecord(cluster) && isRecord(task) && (task.type === "worker" || task.type === "chief")) {
      const { chief = [], worker = [] } = cluster;
      const addresses = Array.isArray(chief) && Array.isArray(worker) ? [...chief, ...worker] : cluster;
      const before = task.type === "worker" && Array.isArray(chief) ? chief.length : 0;
      return membership("TF_CONFIG", addresses, before + Number(task.index), how);
    }
  } catch {
    // said below
  }
  const expected = '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}';
  return Either.left(bad("TF_CONFIG", expected, text));
}

function membership(
  of: string,
  addresses: unknown,
  rank: number,
  how: How,
): Either<BadCluster, Membership> {
  const isAddress = (each: unknown): each is string => typeof each === "string" && /^[^\s:]+:\d+$/.test(each);
  if (!Array.isArray(addresses) || addresses.length === 0 || !addresses.every(isAddress)) {
    return Either.left(bad(of, 'addresses such as ["10.0.0.1:4000", "10.0.0.2:4000"]', JSON.stringify(addresses)));
  }
  if (!Number.isInteger(rank) || rank < 0 || rank >= addresses.length) {
    return Either.left(bad(of, `a rank in [0, ${addresses.length})`, String(rank)));
  }
  return Either.right({ addresses, rank, ...how });
}

function bad(of: string, expected: string, found: string): BadCluster {
  return { _tag: "BadCluster", of, expected, found };
}
