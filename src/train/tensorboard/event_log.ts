import { join } from "node:path";
import { pipe, TaskEither } from "../../core/either.ts";
import { tfRecord } from "../../data/tfrecord.ts";
import { writeAll } from "../../files/atomic.ts";
import { writing } from "../../files/attempt.ts";
import type { UnwritableFile } from "../../files/errors.ts";
import type { MetricsLog, MetricsRecord } from "../metrics_log.ts";
import { imageEvent, scalarsEvent, startEvent, versionEvent } from "./events.ts";

/** The names of TensorBoard's files of events, with the second in which they were begun. */
const named = /^events\.out\.tfevents\.(\d+)\./;

/**
 * Opens a new file of events for TensorBoard. Each start of a program has a file of its own, whose name sorts after all
 * others. Its first event makes TensorBoard forget what an earlier program wrote beyond this step.
 *
 * @param folder Where TensorBoard's files are. It is made where it is not there.
 * @param step The step that the run stands at.
 * @param sheet A picture of views, a PNG, if there is one.
 */
export function openEventLog(folder: string, step: number, sheet?: Uint8Array): TaskEither<UnwritableFile, MetricsLog> {
  return pipe(
    writing(folder, async () => {
      await Deno.mkdir(folder, { recursive: true });
      const path = join(folder, await nextName(folder));
      const file = await Deno.open(path, { append: true, createNew: true });
      const add = (event: Uint8Array) => writeAll(file, tfRecord(event));
      try {
        const time = seconds();
        await add(versionEvent(time));
        await add(startEvent({ time, step: step === 0 ? 0 : step + 1 }));
        if (sheet !== undefined) await add(imageEvent({ time, step }, "views", sheet));
      } catch (thrown) {
        file.close();
        throw thrown;
      }
      return { path, file, add };
    }),
    TaskEither.map(({ path, file, add }) => ({
      append: (record) =>
        writing(path, () => add(scalarsEvent({ time: seconds(), step: record.step }, scalarsOf(record)))),
      sync: () => writing(path, () => file.syncData()),
      close: () => file.close(),
    })),
  );
}

/** The numbers of a record by their tags, in TensorBoard's groups. */
function scalarsOf({ epoch, metrics = {}, evaluation = {}, imagesPerSecond }: MetricsRecord) {
  const ofStep = Object.entries(metrics).map(([name, number]) => {
    const [norm, ...layer] = name.split(".");
    return [layer.length > 0 ? `${norm}/${layer.join(".")}` : `training/${name}`, number] as const;
  });
  return Object.fromEntries([
    ...ofStep,
    ...Object.entries(evaluation).map(([name, number]) => [`evaluation/${name}`, number] as const),
    ["training/epoch", epoch] as const,
    ...imagesPerSecond === undefined ? [] : [["training/imagesPerSecond", imagesPerSecond] as const],
  ]);
}

/** A name for a file of events that sorts after those in a folder. */
async function nextName(folder: string): Promise<string> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const begun = names.map((name) => Number(named.exec(name)?.[1] ?? 0));
  const second = Math.max(Math.floor(seconds()), ...begun.map((last) => last + 1));
  return `events.out.tfevents.${second}.moco`;
}

/** The time in seconds since 1970. */
function seconds(): number {
  return Date.now() / 1000;
}
