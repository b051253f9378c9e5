/**
 * The state of the page that its address holds, so that a view can be kept as a bookmark, sent, and come back to.
 *
 * @module
 */
import { batch, effect, type Signal, signal } from "@preact/signals";

const fields = new Map<string, { readonly read: (text: string | null) => void; readonly write: () => string | null }>();

/**
 * A value that the address holds under a name. A value that is the default is left out.
 *
 * @param name The name in the address.
 * @param initial The default.
 * @param convert How a value is read and written; `read` gives undefined for what it cannot use.
 */
export function inAddress<A>(
  name: string,
  initial: A,
  convert: { readonly read: (text: string) => A | undefined; readonly write: (value: A) => string },
): Signal<A> {
  const value = signal(initial);
  const read = (text: string | null): void => {
    value.value = (text === null ? undefined : convert.read(text)) ?? initial;
  };
  const write = (): string | null => {
    const text = convert.write(value.value);
    return text === convert.write(initial) ? null : text;
  };
  fields.set(name, { read, write });
  read(new URLSearchParams(location.hash.slice(1)).get(name));
  return value;
}

/** A text in the address. */
export function textInAddress(name: string, initial: string = ""): Signal<string> {
  return inAddress(name, initial, { read: (text) => text, write: (text) => text });
}

/** A finite number in the address, if it can be used: a whole one with all of its digits, others with six. */
export function numberInAddress(
  name: string,
  initial: number,
  isUsable: (value: number) => boolean = () => true,
): Signal<number> {
  return inAddress(name, initial, {
    read: (text) => Number.isFinite(Number(text)) && isUsable(Number(text)) ? Number(text) : undefined,
    write: (value) => `${Number.isInteger(value) ? value : Number(value.toPrecision(6))}`,
  });
}

/** A value that JSON can express, in the address. */
export function jsonInAddress<A>(
  name: string,
  initial: A,
  isUsable: (value: unknown) => value is A,
): Signal<A> {
  return inAddress(name, initial, {
    read: (text) => {
      try {
        const value: unknown = JSON.parse(text);
        return isUsable(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
    write: (value) => JSON.stringify(value),
  });
}

/** Keeps the address and the values the same from now on. Call it once, when every value is there. */
export function followAddress(): void {
  let written = location.hash;
  let timer: number | undefined;
  effect(() => {
    const query = new URLSearchParams();
    for (const [name, { write }] of fields) {
      const text = write();
      if (text !== null) query.set(name, text);
    }
    // A pan of the map changes the address many times a second, which browsers do not allow.
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (location.hash !== written) return; // the reader has just followed another address
      const text = query.toString();
      written = text === "" ? "" : `#${text}`;
      if (location.hash !== written) history.replaceState(null, "", `${location.pathname}${written}`);
    }, 150);
  });
  addEventListener("hashchange", () => {
    if (location.hash === written) return;
    written = location.hash;
    const query = new URLSearchParams(location.hash.slice(1));
    batch(() => {
      for (const [name, { read }] of fields) read(query.get(name));
    });
  });
}
