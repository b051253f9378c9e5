/** The fields that are not undefined: an absent field is not the same as one that is undefined. */
export function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
