/**
 * tfjs-node-gpu 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which current runtimes no longer have. This
 * module must be evaluated before its kernels are.
 *
 * @module
 */
import util from "node:util";

const legacy = util as unknown as Record<string, unknown>;
legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
legacy.isArray ??= Array.isArray;
