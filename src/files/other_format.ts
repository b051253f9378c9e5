/** What a SQLite database begins with. */
export const DATABASE = "SQLite format 3\0";

/** What files of other formats begin with, which a user may take for a file of tensors. */
const beginnings: readonly (readonly [start: string, format: string])[] = [
  [DATABASE, "a SQLite database, as collections are"],
  ["PK\x03\x04", "a ZIP archive, as PyTorch writes"],
  ["\x80\x02\x8a\x0a", "a pickle, as PyTorch once wrote"],
  ["\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes"],
  ["version https://git-lfs", "a pointer of Git LFS: the file itself was not downloaded"],
];

/** The other format that some bytes are in; undefined where it is none that is known. */
export function otherFormatOf(bytes: Uint8Array): string | undefined {
  const begins = (start: string) => [...start].every((letter, i) => bytes[i] === letter.charCodeAt(0));
  return beginnings.find(([start]) => begins(start))?.[1];
}
