/**
 * The devices that train together.
 *
 * @module
 */
import { type Tensor, tf, toFloat } from "../engine/mod.ts";
import {
  type Cluster,
  gatherFromMembers,
  meanOverMembers,
  sumOverMembers,
  type Wire,
} from "../engine/collective/mod.ts";
import { gatherRows, scatterRows } from "../engine/ops/mod.ts";
import { bucketsOf } from "./buckets.ts";
import { checkNumbers, wholeFromOne } from "./check_numbers.ts";
import { leaves, map, type Tree } from "./tree.ts";

/** A part of every batch: the samples i with i mod `count` = `index`. */
export type Part = { readonly index: number; readonly count: number };

/** The part that is the whole batch. */
export const whole: Part = { index: 0, count: 1 };

/**
 * What a step sees of the devices that train together. A step is written for one of them, which has its own part of the
 * batch. If the devices are virtual parts of one device, the step sees the whole batch, and what is computed together
 * is there already.
 */
export type Devices = {
  /** Which part of what is shared this process has. */
  readonly index: number;
  /** In how many parts the batch comes, each for a process of its own. In order, sample i is in part i mod `count`. */
  readonly count: number;
  /**
   * In how many groups batch norm normalises the samples that are here: sample i in group i mod `groups`. With "all",
   * the samples of all devices are normalised together (SyncBN).
   */
  readonly groups: number | "all";
  /** The mean over all devices of each leaf, float32. Not differentiable. */
  readonly mean: <T extends Tree>(tree: T) => T;
  /**
   * The rows of all devices, in the order of the whole batch: [N, ...] to [`count` x N, ...]. Differentiable: what
   * flows back to a row is the sum over all devices.
   */
  readonly gather: (rows: Tensor) => Tensor;
  /**
   * The rows of all devices in another order, in which each device again has its own part: row i of the result
   * is row `order[i]` of the whole batch, with `order` int32 [`count` x N]. Differentiable.
   */
  readonly exchange: (rows: Tensor, order: Tensor) => Tensor;
  /**
   * The rows of a table at some places, int32 [N], the same on all devices: float32 [N, ...]. A table has a row for
   * each image of the data set. Each device has a part of it, the rows i with i mod `count` = `index`, one after the
   * other. Not differentiable.
   */
  readonly rowsAt: (table: Tensor, places: Tensor) => Tensor;
  /**
   * A table after some of its rows have changed.
   *
   * @param table This device's part of it.
   * @param places Which rows change, int32 [N], the same on all devices, each at most once.
   * @param change From the rows at the places, [N, ...], to the new ones. Of them each device needs its own: the others
   * that it is given are any rows, and what it makes of them is dropped.
   */
  readonly changeRows: (table: Tensor, places: Tensor, change: (rows: Tensor) => Tensor) => Tensor;
};

/**
 * Virtual devices on a single one. They differ only in batch norm, which normalises the samples of each by themselves.
 *
 * @param groups How many. Default 1.
 * @throws {RangeError} if that is not a whole number from 1 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tf, virtualDevices } from "@momentum-contrast/moco";
 *
 * const { exchange, gather } = virtualDevices(2);
 * const rows = tf.tensor2d([[10], [20], [30]]);
 * assertEquals([...gather(rows).dataSync()], [10, 20, 30]);
 * assertEquals([...exchange(rows, tf.tensor1d([2, 0, 1], "int32")).dataSync()], [30, 10, 20]);
 * ```
 */
export function virtualDevices(groups = 1): Devices {
  checkNumbers("make virtual devices", { groups: [groups, wholeFromOne] });
  return {
    ...whole,
    groups,
    mean: (tree) => tree,
    gather: (rows) => rows,
    exchange: gatherRows,
    rowsAt: (table, places) => toFloat(gatherRows(table, places)),
    changeRows: (table, places, change) => scatterRows(table, places, change(gatherRows(table, places))),
  };
}

/**
 * The devices of a cluster's processes, of which each has one.
 *
 * @param cluster The processes, as this one sees them.
 * @param groups As in {@linkcode Devices}. Default 1: batch norm normalises the samples of each device by themselves.
 * @throws {RangeError} if the number of groups is not a whole number from 1 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterDevices } from "@momentum-contrast/moco";
 *
 * const addresses = ["10.0.0.1:4000", "10.0.0.2:4000"];
 * const cluster = { addresses, rank: 1, patience: 60, size: 2 }; // what `joinCluster` returns to the second process
 * const { index, count } = clusterDevices(cluster);
 * assertEquals([index, count], [1, 2]);
 * ```
 */
export function clusterDevices(cluster: Cluster, groups: number | "all" = 1): Devices {
  if (groups !== "all") checkNumbers("make the devices of a cluster", { groups: [groups, wholeFromOne] });
  const { rank: index, size: count } = cluster;
  const gather = (rows: Tensor) => inTurns(gatherFromMembers(cluster, rows), count);
  const rowOf = (places: Tensor) => tf.floorDiv(places, tf.scalar(count, "int32"));
  const isOwn = (places: Tensor) => tf.equal(tf.mod(places, tf.scalar(count, "int32")), tf.scalar(index, "int32"));
  return {
    index,
    count,
    groups,
    mean: (tree) => {
      const means = new Map<Tensor, Tensor>();
      const wireOf = ({ rank }: Tensor): Wire => rank > 1 ? cluster.wire ?? "float32" : "float32";
      for (const wire of ["float32", "bfloat16"] as const) {
        const alike = leaves(tree).filter((leaf) => wireOf(leaf) === wire);
        for (const bucket of bucketsOf(alike, MESSAGE)) {
          const flat = tf.concat(bucket.map((leaf) => tf.reshape(leaf, [-1])), 0);
          const parts = tf.split(meanOverMembers(cluster, flat, wire), bucket.map(({ size }) => size), 0);
          bucket.forEach((leaf, index) => means.set(leaf, tf.reshape(parts[index], leaf.shape)));
        }
      }
      return map((leaf) => means.get(leaf)!, tree);
    },
    gather,
    exchange: (rows, order) => gatherRows(gather(rows), partOf(order, { index, count })),
    rowsAt: (table, places) => {
      const rows = toFloat(gatherRows(table, rowOf(places)));
      const own = tf.reshape(isOwn(places), [places.size, ...rows.shape.slice(1).map(() => 1)]);
      return sumOverMembers(cluster, tf.where(own, rows, tf.scalar(0))); // one of the terms is the row
    },
    changeRows: (table, places, change) => {
      const own = tf.where(isOwn(places), rowOf(places), tf.scalar(NONE, "int32"));
      return scatterRows(table, own, change(gatherRows(table, rowOf(places))));
    },
  };
}

/** In place of a row that another device has. */
const NONE = -1;

/**
 * How many rows each device has of a table with a row for each image. It is the same number on all, so the last rows of
 * some stand for no image.
 *
 * @param images The images of the data set.
 * @param devices The devices.
 */
export function rowsHere(images: number, { count }: Part): number {
  return Math.ceil(images / count);
}

/**
 * Numbers of a message, 8 MiB. In several messages, what backward computes first is on its way before backward ends,
 * and the buffers are small enough that the C library uses them again.
 */
const MESSAGE = 2 * 1024 * 1024;

/** The rows of parts that come one after the other, so that row i is of part i mod `count`. */
function inTurns(rows: Tensor, count: number): Tensor {
  const parts = tf.reshape(rows, [count, rows.shape[0] / count, rows.size / rows.shape[0]]);
  return tf.reshape(tf.transpose(parts, [1, 0, 2]), rows.shape);
}

/**
 * The rows of a part of a batch.
 *
 * @param rows [`count` x N, ...].
 * @param part The part.
 * @returns [N, ...]. Not differentiable.
 * @throws {TypeError} if the batch is not made of `count` equal parts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { partOf, tf } from "@momentum-contrast/moco";
 *
 * assertEquals([...partOf(tf.tensor1d([0, 1, 2, 3]), { index: 1, count: 2 }).dataSync()], [1, 3]);
 * ```
 */
export function partOf(rows: Tensor, { index, count }: Part): Tensor {
  const [all, ...shape] = rows.shape;
  if (all % count !== 0) throw new TypeError(`Cannot take a part: expected a multiple of ${count} rows, found ${all}`);
  const turns = tf.reshape(rows, [all / count, count, rows.size / all]);
  return tf.reshape(tf.slice(turns, [0, index, 0], [-1, 1, -1]), [all / count, ...shape]);
}
