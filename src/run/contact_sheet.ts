import { pipe, TaskEither } from "../core/either.ts";
import { writeTextAtomic } from "../files/atomic.ts";
import { type Findings, findingsPage } from "../report/findings.ts";
import { type InCollection, inCollection } from "./collected.ts";
import type { RunError } from "./errors.ts";
import { thumbnails } from "./pictures.ts";

/** Rows of a contact sheet. More would make a file that no browser opens. */
const MOST_ROWS = 200;

/**
 * Writes findings as a page of pictures that needs nothing else.
 *
 * @param asked The collection whose images were found.
 * @param findings What was found.
 * @param path The HTML file.
 */
export function writeContactSheet(asked: InCollection, findings: Findings, path: string): TaskEither<RunError, void> {
  const sheet = findings.sheet.slice(0, MOST_ROWS);
  const hidden = findings.sheet.length - sheet.length;
  const note = hidden === 0
    ? findings.note
    : `${findings.note} The first ${MOST_ROWS} of ${findings.sheet.length} rows are shown.`;
  const ids = sheet.flatMap(({ images }) => images.map(({ id }) => id));
  return inCollection(asked, ({ collection, reporter }) =>
    pipe(
      TaskEither.fromEither(collection.images(ids)),
      TaskEither.flatMap((images) => thumbnails(collection, images, reporter.note)),
      TaskEither.mapLeft((error): RunError => error),
      TaskEither.flatMap((pictures) => writeTextAtomic(path, findingsPage({ ...findings, note, sheet }, pictures))),
    ));
}
