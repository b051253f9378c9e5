/**
 * What a run is trained on: its augmented views, and the images whose keys are in its queue.
 *
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { KeyInfo, QueueInfo } from "../../messages.ts";
import { counted } from "../format.ts";
import { ask, askJson } from "../server.ts";
import { inAddress, numberInAddress } from "../state/address.ts";
import { runs } from "../state/runs.ts";

const yes = { read: (text: string) => text === "yes", write: (on: boolean) => on ? "yes" : "" };

/** What is open, and of which run, by its place. */
const isViewsOpen = inAddress("views", false, yes);
const isQueueOpen = inAddress("queue", false, yes);
const chosen = numberInAddress("of", 0);

/** Both, closed at first: they are read from the images, which takes a while. */
export function RunImages() {
  const found = runs.value ?? [];
  const run = chosen.value in found ? chosen.value : 0;
  return (
    <div class="inside-run">
      {found.length > 1 && (
        <label class="field">
          Images of
          <select value={run} onChange={({ currentTarget }) => chosen.value = Number(currentTarget.value)}>
            {found.map(({ name }, place) => <option key={place} value={place}>{name}</option>)}
          </select>
        </label>
      )}
      <Part title="Augmented views" open={isViewsOpen}>
        <Views key={run} run={run} />
      </Part>
      <Part title="Queue" open={isQueueOpen}>
        <Queue key={run} run={run} />
      </Part>
    </div>
  );
}

type PartProps = { readonly title: string; readonly open: Signal<boolean>; readonly children: ComponentChildren };

function Part({ title, open, children }: PartProps) {
  return (
    <details class="part" open={open.value} onToggle={({ currentTarget }) => open.value = currentTarget.open}>
      <summary>{title}</summary>
      {open.value && children}
    </details>
  );
}

/** What the server finds, or why it finds nothing. */
type Found<A> = { readonly value?: A; readonly error?: string };

/** Asks the server once, and again whenever `version` changes. What was found before stays until then. */
function useAnswer<A>(version: unknown, find: (signal: AbortSignal) => Promise<A>): Found<A> {
  const found = useSignal<Found<A>>({});
  useEffect(() => {
    const ended = new AbortController();
    find(ended.signal).then((value) => found.value = { value }, (thrown) => {
      if (!ended.signal.aborted) found.value = { error: (thrown as Error).message };
    });
    return () => ended.abort();
  }, [version]);
  return found.value;
}

/** What stands in the place of an answer that is not there. */
function Waiting({ error }: { readonly error: string | undefined }) {
  return error === undefined
    ? <p class="muted" role="status">Looking at the images …</p>
    : <p class="error" role="alert">{error}</p>;
}

function Views({ run }: { readonly run: number }) {
  const { value, error } = useAnswer(run, async (signal) => {
    const response = await ask(`api/run-views/${run}`, { signal });
    return URL.createObjectURL(await response.blob());
  });
  useEffect(() => () => value === undefined ? undefined : URL.revokeObjectURL(value), [value]);
  if (value === undefined) return <Waiting error={error} />;
  return (
    <>
      <p class="muted">
        A row for each of eight images: the image, and views of it as a training draws them. Views too alike make the
        task trivial, views too different make it hopeless.
      </p>
      <div class="scroll whole" role="region" aria-label="Augmented views" tabIndex={0}>
        <img src={value} alt="Eight images, each with eight augmented views" />
      </div>
    </>
  );
}

function Queue({ run }: { readonly run: number }) {
  const { value, error } = useAnswer(run, (signal) => askJson<QueueInfo>(`api/queue/${run}`, { signal }));
  if (value === undefined) return <Waiting error={error} />;
  const { step, perEpoch, size, real, rows } = value;
  const oldest = rows.at(-1)!.age;
  return (
    <>
      <p class="muted">
        At the newest checkpoint, after step {step.toLocaleString("en")}: {counted(size, "key")},{" "}
        {real === size ? "all of images" : `${real.toLocaleString("en")} of images and the others random`}. The oldest
        was made {counted(oldest, "step")} ago ({(oldest / perEpoch).toFixed(2)}{" "}
        epochs). A line for each of some keys, from the newest to the oldest: its image, and the images of the keys that
        are most like it. Where those show the same thing, they are wrongly taken for negatives.
      </p>
      <ol class="keys">
        {rows.map((row) => (
          <li key={`${row.age} ${row.image}`}>
            <KeyImage run={run} of={row} caption={`${counted(row.age, "step")} ago`} />
            <ul aria-label="Most like it">
              {row.nearest.map((near) => (
                <li key={`${near.age} ${near.image}`}>
                  <KeyImage run={run} of={near} caption={near.similarity.toFixed(3)} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </>
  );
}

function KeyImage({ run, of, caption }: { readonly run: number; readonly of: KeyInfo; readonly caption: string }) {
  return (
    <figure>
      <img
        class="pixels"
        src={`api/run-image/${run}?place=${of.image}`}
        alt={`Training image ${of.image}`}
        title={`Training image ${of.image}, made ${counted(of.age, "step")} ago`}
        loading="lazy"
      />
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
