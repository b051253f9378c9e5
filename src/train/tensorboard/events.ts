/**
 * TensorBoard's events, as protocol buffers.
 *
 * Source: TensorFlow, tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
 *
 * @module
 */
import { bytesField, doubleField, floatField, integerField } from "../../engine/native/mod.ts";

/** The fields of an Event, of its Summary, of a Summary's Value, and of that Value's Image, by their numbers. */
const event = { time: 1, step: 2, version: 3, summary: 5, session: 7 } as const;
const summary = { value: 1 } as const;
const value = { tag: 1, number: 2, image: 4 } as const;
const image = { height: 1, width: 2, channels: 3, png: 4 } as const;

/** The field of a SessionLog that says what happened, and what it says of a start. */
const [status, START] = [1, 1];

/** When an event was, seconds since 1970, and after how many steps. */
export type When = { readonly time: number; readonly step: number };

/** The first event of a file, which says what kind of file it is. */
export function versionEvent(time: number): Uint8Array {
  return Uint8Array.from([...doubleField(event.time, time), ...bytesField(event.version, "brain.Event:2")]);
}

/** The program starts: whatever earlier files say of this step and of later ones no longer holds. */
export function startEvent(when: When): Uint8Array {
  return eventOf(when, bytesField(event.session, integerField(status, START)));
}

/** Numbers by their tags. TensorBoard groups tags by what stands before the slash. */
export function scalarsEvent(when: When, scalars: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(scalars).flatMap(([tag, number]) =>
    bytesField(summary.value, [...bytesField(value.tag, tag), ...floatField(value.number, number)])
  );
  return eventOf(when, bytesField(event.summary, values));
}

/** A picture. */
export function imageEvent(when: When, tag: string, png: Uint8Array): Uint8Array {
  const { height, width, channels } = headOf(png);
  const picture = [
    ...integerField(image.height, height),
    ...integerField(image.width, width),
    ...integerField(image.channels, channels),
    ...bytesField(image.png, Array.from(png)),
  ];
  const values = bytesField(summary.value, [...bytesField(value.tag, tag), ...bytesField(value.image, picture)]);
  return eventOf(when, bytesField(event.summary, values));
}

function eventOf({ time, step }: When, rest: readonly number[]): Uint8Array {
  return Uint8Array.from([...doubleField(event.time, time), ...integerField(event.step, step), ...rest]);
}

/** The shape of a PNG, whose header stands at the same place in every file: grey, or red, green and blue. */
function headOf(png: Uint8Array): { readonly height: number; readonly width: number; readonly channels: 1 | 3 } {
  const view = new DataView(png.buffer, png.byteOffset);
  const isGrey = png[25] === 0;
  return { width: view.getUint32(16), height: view.getUint32(20), channels: isGrey ? 1 : 3 };
}
