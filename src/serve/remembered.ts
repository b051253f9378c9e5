/** What has a key, which is made where it is not there. */
export type Remembered<K, A> = (key: K, make: () => Promise<A>) => Promise<A>;

/**
 * A memory for what takes long to make: it is made once, however many ask for it at a time. What failed is forgotten,
 * so that the next one who asks tries again.
 *
 * @param most How many things are kept: those that were made last. Default: all.
 * @param forget Called with what is no longer kept. Default: nothing is done.
 */
export function remembered<K, A>(most: number = Infinity, forget: (thing: A) => void = () => {}): Remembered<K, A> {
  const held = new Map<K, Promise<A>>();
  return (key, make) => {
    const known = held.get(key);
    if (known !== undefined) return known;
    const made = make();
    held.set(key, made);
    for (const [oldest, thing] of held) {
      if (held.size <= most) break;
      held.delete(oldest);
      thing.then(forget, () => {});
    }
    made.catch(() => {
      if (held.get(key) === made) held.delete(key);
    });
    return made;
  };
}
