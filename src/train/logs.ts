import { pipe, TaskEither } from "../core/either.ts";
import type { UnwritableFile } from "../files/errors.ts";
import { type MetricsLog, openMetricsLog } from "./metrics_log.ts";
import type { RunPaths } from "./run_folder.ts";
import { openEventLog } from "./tensorboard/event_log.ts";
import type { TrainState } from "./train_step.ts";
import type { RunOptions } from "./types.ts";

/** Opens the file of metrics of a run that stands at a step, and beside it that of TensorBoard if the run wants one. */
export function openLogs<S extends TrainState>(
  { open, tensorboard }: Pick<RunOptions<S>, "open" | "tensorboard">,
  { metrics, tensorboard: folder }: RunPaths,
  step: number,
): TaskEither<UnwritableFile, MetricsLog> {
  return pipe(
    openMetricsLog(metrics, step, open),
    TaskEither.flatMap((log) =>
      tensorboard === undefined ? TaskEither.right(log) : pipe(
        openEventLog(folder, step, tensorboard.sheet),
        TaskEither.bimap(
          (error) => {
            log.close();
            return error;
          },
          (events) => both(log, events),
        ),
      )
    ),
  );
}

/** Two logs that get the same records. */
function both(first: MetricsLog, second: MetricsLog): MetricsLog {
  return {
    append: (record) => pipe(first.append(record), TaskEither.flatMap(() => second.append(record))),
    sync: () => pipe(first.sync(), TaskEither.flatMap(() => second.sync())),
    close: () => {
      first.close();
      second.close();
    },
  };
}
