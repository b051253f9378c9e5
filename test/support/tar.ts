/** What an entry of a tar file may say besides its name and its bytes. */
export type TarOptions = {
  /** The letter of its type. Default "0", a file. */
  readonly type?: string;
  /** What comes before its name, as ustar has it for long ones. */
  readonly prefix?: string;
};

/** An entry of a tar file: its header and its whole blocks. */
export function tarEntry(name: string, bytes: Uint8Array, { type = "0", prefix = "" }: TarOptions = {}): number[] {
  const utf8 = new TextEncoder();
  const block = new Uint8Array(512);
  const octal = (value: number, digits: number) => utf8.encode(`${value.toString(8).padStart(digits, "0")}\0`);
  block.set(utf8.encode(name).subarray(0, 100), 0);
  block.set(octal(0o644, 7), 100);
  block.set(octal(bytes.length, 11), 124);
  block.set(octal(0, 11), 136);
  block.set(utf8.encode(`        ${type}`), 148);
  block.set(utf8.encode("ustar\x0000"), 257);
  block.set(utf8.encode(prefix), 345);
  block.set(octal(block.reduce((sum, byte) => sum + byte, 0), 6), 148);
  return [...block, ...bytes, ...new Uint8Array((512 - bytes.length % 512) % 512)];
}

/** A tar file with some files, in their order. */
export function tar(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const long = (name: string) => tarEntry("././@LongLink", new TextEncoder().encode(`${name}\0`), { type: "L" });
  return tarOf(
    ...Object.entries(files).map(([name, bytes]) => [...name.length > 100 ? long(name) : [], ...tarEntry(name, bytes)]),
  );
}

/** A tar file of entries. */
export function tarOf(...entries: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...entries.flat(), ...new Uint8Array(1024)]);
}

/** An extended header of pax, which says something of the entry that comes after it. */
export function paxHeader(said: Readonly<Record<string, string>>): number[] {
  const records = Object.entries(said).map(([name, value]) => {
    const text = ` ${name}=${value}\n`;
    const bytes = new TextEncoder().encode(text).length;
    const length = [1, 2, 3, 4].map((digits) => digits + bytes).find((all, index) => String(all).length === index + 1);
    return `${length}${text}`;
  });
  return tarEntry("PaxHeaders/0", new TextEncoder().encode(records.join("")), { type: "x" });
}
