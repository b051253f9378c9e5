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

/** The exit status of a worker that misses others: `EX_TEMPFAIL` of `<sysexits.h>`. */
export const TRY_AGAIN = 75;
