/**
 * Things in their order, collected in buckets of at most some size together. What is larger has a bucket of its own.
 *
 * @param things What has a size.
 * @param most The size of a bucket.
 */
export function bucketsOf<T extends { readonly size: number }>(
  things: readonly T[],
  most: number,
): readonly (readonly T[])[] {
  const buckets: T[][] = [];
  let room = 0;
  for (const thing of things) {
    if (buckets.length === 0 || thing.size > room) {
      buckets.push([]);
      room = most;
    }
    buckets.at(-1)!.push(thing);
    room -= thing.size;
  }
  return buckets;
}
