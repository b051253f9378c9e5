/**
 * The sections of a configuration, each put together from declarations that stand beside what they build.
 *
 * @module
 */
import type { Fields, Rule, Variant, Variants } from "../core/declare.ts";
import { augmentation, augmentationRules } from "../augment/recipe_settings.ts";
import { sources } from "../data/table.ts";
import { isRecord } from "../files/json.ts";
import { methods } from "../methods/table.ts";
import { encoders } from "../nn/table.ts";
import { optimizers } from "../optim/table.ts";
import { training, trainingRules } from "../train/training_settings.ts";

/** A section that chooses one of several things by `name`. */
export type Choice = {
  readonly title: string;
  /** What is chosen. */
  readonly about: string;
  /** The flag that chooses. */
  readonly flag: string;
  /** What is chosen by default. */
  readonly usual: string;
  readonly variants: Variants;
};

/** A section that has the same fields always. */
export type Plain = { readonly title: string; readonly fields: Fields; readonly rules: readonly Rule[] };

/** Every section by name, in the order in which they are shown. */
export const sections: Readonly<Record<string, Choice | Plain>> = {
  method: {
    title: "Method",
    about: "the method that trains the encoder",
    flag: "method",
    usual: "moco",
    variants: methods,
  },
  encoder: { title: "Encoder", about: "the backbone", flag: "encoder", usual: "resnet18", variants: encoders },
  optimizer: { title: "Optimizer", about: "the optimizer", flag: "optimizer", usual: "sgd", variants: optimizers },
  augment: { title: "Augmentation", fields: augmentation, rules: augmentationRules },
  data: { title: "Data", about: "kind of data", flag: "data", usual: "fashion-mnist", variants: sources },
  training: { title: "Training", fields: training, rules: trainingRules },
};

/** A configuration or a part of one, not yet checked: a record, as in JSON. */
export type Part = Readonly<Record<string, unknown>>;

/**
 * The names that a configuration's sections choose, by section. A section that names nothing known gets its default.
 */
export function namesIn(config: Part): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sections).flatMap(([name, section]) => {
      if (!("variants" in section)) return [];
      const part = config[name];
      const said = isRecord(part) ? part.name : undefined;
      const exists = typeof said === "string" && Object.hasOwn(section.variants, said);
      return [[name, exists ? said : section.usual]];
    }),
  );
}

/** What the sections of a configuration choose. */
export function variantsIn(config: Part): readonly Variant[] {
  return Object.entries(namesIn(config)).map(([section, name]) => (sections[section] as Choice).variants[name]);
}

/** The fields of a section, where it is as a configuration chooses. */
export function fieldsIn(section: string, config: Part): Fields {
  const found = sections[section];
  return "variants" in found ? found.variants[namesIn(config)[section]].fields : found.fields;
}

/** The variants of a section that have a field, by name. */
export function owners(section: Choice, field: string): readonly string[] {
  return Object.keys(section.variants).filter((name) => Object.hasOwn(section.variants[name].fields, field));
}
