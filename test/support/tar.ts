/** A tar file with some files, in their order. */
export function tar(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const utf8 = new TextEncoder();
  const entry = (name: string, type: string, bytes: Uint8Array): number[] => {
    const block = new Uint8Array(512);
    const octal = (value: number, digits: number) => utf8.encode(`${value.toString(8).padStart(digits, "0")}\0`);
    block.set(utf8.encode(name).subarray(0, 100), 0);
    block.set(octal(0o644, 7), 100);
    block.set(octal(bytes.length, 11), 124);
    block.set(octal(0, 11), 136);
    block.set(utf8.encode(`        ${type}`), 148);
    block.set(utf8.encode("ustar\x0000"), 257);
    block.set(octal(block.reduce((sum, byte) => sum + byte, 0), 6), 148);
    return [...block, ...bytes, ...new Uint8Array((512 - bytes.length % 512) % 512)];
  };
  return Uint8Array.from([
    ...Object.entries(files).flatMap(([name, contents]) => [
      ...name.length > 100 ? entry("././@LongLink", "L", utf8.encode(`${name}\0`)) : [],
      ...entry(name, "0", contents),
    ]),
    ...new Uint8Array(1024),
  ]);
}
