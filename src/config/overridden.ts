/**
 * One part of a configuration over another: a file over a preset, flags over a file.
 *
 * @module
 */
import { isRecord } from "../files/json.ts";
import { migrate } from "./migrate.ts";
import { merge } from "./paths.ts";
import { fieldsIn, namesIn, owners, type Part, sections } from "./sections.ts";

/**
 * Fields laid over what they start from. If they make another choice (of an encoder, say), what only the old choice has
 * is dropped, and what both have stays. So `--encoder vit-tiny` over a preset with a ResNet drops the width and keeps
 * the size of the views. What suits the old choice alone is dropped too: `--optimizer adamw` over a preset with SGD
 * does not keep SGD's learning rate.
 *
 * @param base What is started from: a preset, or the configuration of a run.
 * @param own The fields. They are kept as they are, for the parser to check.
 */
export function overridden(base: Part, own: Part): Part {
  const [before, after] = [migrate(base), migrate(own)].map((part) => isRecord(part) ? part : {});
  return merge(fitting(before, merge(before, after)), after);
}

/** Some fields, without those that belong to choices other than the configuration's. */
function fitting(part: Part, chosen: Part): Part {
  return Object.fromEntries(
    Object.entries(part).map(([name, values]) => [
      name,
      isRecord(values)
        ? Object.fromEntries(
          Object.entries(values).filter(([field]) =>
            !isForeign(name, field, chosen) && !isOfChoiceBefore(name, field, part, chosen)
          ),
        )
        : values,
    ]),
  );
}

/** Whether a field says something of a choice that is no longer made. */
function isOfChoiceBefore(name: string, field: string, before: Part, chosen: Part): boolean {
  const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
  if (section === undefined || !("variants" in section) || namesIn(before)[name] === namesIn(chosen)[name]) {
    return false;
  }
  const fields = fieldsIn(name, chosen);
  return Object.hasOwn(fields, field) && "ofChoice" in fields[field];
}

/** Whether a field belongs to choices of its section other than the configuration's. */
export function isForeign(name: string, field: string, chosen: Part): boolean {
  const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
  if (section === undefined || !("variants" in section) || field === "name") return false;
  return !Object.hasOwn(fieldsIn(name, chosen), field) && owners(section, field).length > 0;
}
