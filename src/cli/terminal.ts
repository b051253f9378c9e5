import { type Interrupt, listenForInterrupt } from "../train/interrupt.ts";
import { type Reporter, terminalReporter } from "../train/progress.ts";

/** Standard error, and Ctrl-C while something is trained. */
export function terminal(): { readonly reporter: Reporter; readonly interrupt: () => Interrupt } {
  const reporter = terminalReporter();
  const asked = () => reporter.note("Finishing this step, then saving. Once more to stop at once.");
  return { reporter, interrupt: () => listenForInterrupt(asked) };
}
