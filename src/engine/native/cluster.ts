/**
 * A cluster of TensorFlow servers, as TensorFlow's configuration describes it.
 *
 * @module
 */
import { bytesField, integerField } from "./protobuf.ts";

/** The place of this process in a cluster. */
export type Membership = {
  /** The address of each member's server, "host:port". */
  readonly addresses: readonly string[];
  /** The place of this process among them, from 0. */
  readonly rank: number;
  /** How long a member waits for the others when it joins, seconds. */
  readonly patience: number;
  /** How tensors with two axes or more, whose mean is taken, travel between the members. Default "float32". */
  readonly wire?: Wire;
};

/** The precision in which numbers travel. */
export type Wire = "float32" | "bfloat16";

/** The name of a member's TensorFlow task. */
export function taskName(rank: number): string {
  return `/job:${job}/replica:0/task:${rank}`;
}

const job = "worker";

/** Milliseconds without a sign of life after which TensorFlow gives up a member. Here that is decided elsewhere. */
const never = 24 * 60 * 60 * 1000;

/**
 * Bytes of the pieces in which a server writes a tensor into a message. TensorFlow's own 4096 make thousands of small
 * allocations of a large tensor; a single piece is mapped anew for each message.
 */
const PIECE = 64 * 1024;

// Field numbers of ConfigProto.Experimental, CoordinationServiceConfig, ServerDef, JobDef and its map of tasks in
// tensorflow/core/protobuf.

/** What `ConfigProto` says of a cluster. Its first member keeps what the members tell one another. */
export function clusterConfig({ patience }: Membership): number[] {
  const coordination = [
    ...bytesField(1, "standalone"), // the kind of service
    ...bytesField(2, taskName(0)), // its keeper
    ...integerField(4, Math.ceil(patience * 1000)), // milliseconds that a member has to join
    ...integerField(5, never), // milliseconds from one sign of life to the next
  ];
  return bytesField(16, [
    ...bytesField(1, taskName(0)), // who says what belongs together
    ...integerField(4, PIECE),
    ...bytesField(23, coordination),
  ]);
}

/** The `ServerDef` of this member's server. */
export function serverDefinition({ addresses, rank }: Membership, config: readonly number[]): number[] {
  const tasks = addresses.flatMap((address, task) =>
    bytesField(2, [...integerField(1, task), ...bytesField(2, address)])
  );
  return [
    ...bytesField(1, bytesField(1, [...bytesField(1, job), ...tasks])),
    ...bytesField(2, job),
    ...integerField(3, rank),
    ...bytesField(4, config),
    ...bytesField(5, "grpc"),
  ];
}
