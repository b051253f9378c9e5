/** Names in words. A family whose members are all there is written by its prefix: `resnet*`. */
export function familyOf(names: readonly string[], all: readonly string[]): string {
  const family = /^[a-z]+/.exec(names[0])![0];
  const isWhole = names.length > 1 && all.every((each) => names.includes(each) === each.startsWith(family));
  if (isWhole) return `${family}*`;
  return [...names.slice(0, -2), names.slice(-2).join(" or ")].join(", ");
}
