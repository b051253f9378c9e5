/** How a run stands, as far as its files tell. */
export type RunStanding = {
  readonly folder: string;
  /** What is trained, in words; undefined where no configuration says so. */
  readonly method?: string;
  /** Passes over the data in all. */
  readonly epochs?: number;
  /** Steps and epochs behind; undefined before the first line. */
  readonly end?: { readonly step: number; readonly epoch: number };
  /** Whether all epochs are behind. */
  readonly isFinished: boolean;
  /** When the last line was written, milliseconds since 1970; undefined before the first. */
  readonly modified?: number;
  /** How long the rest takes at the last speed, seconds; undefined where nothing tells. */
  readonly secondsLeft?: number;
  /** What goes wrong, in words. */
  readonly alarms: readonly string[];
  /** Why nothing new can be read; what was read before stays. */
  readonly problem?: string;
};
