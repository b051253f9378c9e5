/**
 * The processes of a training on several machines, as files and environments name them.
 *
 * @module
 */
import { Either, pipe, TaskEither } from "../../core/either.ts";
import type { Membership, Wire } from "../../engine/mod.ts";
import { describe } from "../../config/errors.ts";
import { isRecord, parseJson } from "../../files/json.ts";
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

function placeOf(rank: string | undefined, environment: Environment): Either<BadCluster, string> {
  if (rank === undefined) return Either.left(bad("--rank", "the place of this worker, or auto", "none"));
  if (rank !== "auto") return Either.right(rank);
  const found = places.map(environment).find((value) => value !== undefined && value !== "");
  return found === undefined
    ? Either.left(bad("--rank auto", `one of the variables ${places.join(" and ")}`, "neither"))
    : Either.right(found);
}

/**
 * TensorFlow's own description: `{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}`.
 * A "chief" is the first of all, before the workers.
 */
function ofVariable(text: string, how: How): Either<BadCluster, Membership> {
  const said = pipe(parseJson(text), Either.getOrElse((): unknown => undefined));
  const { cluster, task } = isRecord(said) ? said : {};
  if (isRecord(cluster) && isRecord(task) && (task.type === "worker" || task.type === "chief")) {
    const { chief = [], worker = [] } = cluster;
    const own = cluster[task.type];
    if (Array.isArray(chief) && Array.isArray(worker) && Array.isArray(own)) {
      const before = own === chief ? 0 : chief.length;
      return pipe(
        rankIn("TF_CONFIG", own.length, task.index),
        Either.flatMap((place) => membership("TF_CONFIG", [...chief, ...worker], before + place, how)),
      );
    }
  }
  const expected = '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}';
  return Either.left(bad("TF_CONFIG", expected, text === "" ? "nothing" : text));
}

/** A place among so many, as a number or in digits. */
function rankIn(of: string, count: number, place: unknown): Either<BadCluster, number> {
  const rank = typeof place === "number" || (typeof place === "string" && /^\d+$/.test(place)) ? Number(place) : NaN;
  if (Number.isInteger(rank) && rank >= 0 && rank < count) return Either.right(rank);
  const found = typeof place === "string" && place !== "" ? place : describe(place);
  return Either.left(bad(of, `a rank in [0, ${count})`, found));
}

function membership(
  of: string,
  addresses: unknown,
  place: unknown,
  how: How,
): Either<BadCluster, Membership> {
  if (!Array.isArray(addresses) || addresses.length === 0 || !addresses.every(isAddress)) {
    return Either.left(bad(of, 'addresses such as ["10.0.0.1:4000", "10.0.0.2:4000"]', JSON.stringify(addresses)));
  }
  const twice = addresses.find((address, place) => addresses.indexOf(address) < place);
  if (twice !== undefined) return Either.left(bad(of, "each address once", `${twice} twice`));
  return pipe(rankIn(of, addresses.length, place), Either.map((rank): Membership => ({ addresses, rank, ...how })));
}

/** Whether a value is a host with a port that there is. */
function isAddress(value: unknown): value is string {
  const [, port] = typeof value === "string" ? value.match(/^[^\s:]+:(\d+)$/) ?? [] : [];
  return Number(port) >= 1 && Number(port) < 1 << 16;
}

function bad(of: string, expected: string, found: string): BadCluster {
  return { _tag: "BadCluster", of, expected, found };
}
