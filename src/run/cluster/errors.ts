/**
 * Why processes cannot work together, as data, and its one renderer.
 *
 * @module
 */

/** A cluster that is not described as it must be. */
export type BadCluster = {
  readonly _tag: "BadCluster";
  /** What describes it: a file, a flag or a variable. */
  readonly of: string;
  readonly expected: string;
  readonly found: string;
};

/** The cluster could not be joined. */
export type Unjoined = { readonly _tag: "Unjoined"; readonly address: string; readonly reason: string };

/** Everything that keeps a process from joining a cluster. */
export type ClusterError = BadCluster | Unjoined;

/** An error of a cluster as one sentence. */
export function renderClusterError(error: ClusterError): string {
  switch (error._tag) {
    case "BadCluster":
      return `Cannot work together as ${error.of} says: expected ${error.expected}, found ${error.found}`;
    case "Unjoined":
      return `${error.address}: ${error.reason}`;
  }
}

/** The exit status of a worker that misses others: `EX_TEMPFAIL` of `<sysexits.h>`. */
export const TRY_AGAIN = 75;
