import type { Rule } from "../core/declare.ts";
import { type LoadSource, type Located, located, missing, needsPath } from "./common_settings.ts";

async function loader(name: "cifar10" | "cifar100"): Promise<LoadSource<Located>> {
  const { loadCifar } = await import("./cifar.ts");
  return ({ path }) => path === undefined ? missing(name, "the folder of its binary version") : loadCifar(path, name);
}

const cifar10IsSomewhere: Rule<{ readonly data: Located }> = needsPath("cifar10 files");

/** CIFAR-10. */
export const cifar10 = {
  about: "32x32 colour images of ten classes, in the binary version",
  title: (): string => "CIFAR-10",
  /** Training images. */
  images: 50_000,
  fields: located,
  rules: [cifar10IsSomewhere],
  load: (): Promise<LoadSource<Located>> => loader("cifar10"),
} as const;

const cifar100IsSomewhere: Rule<{ readonly data: Located }> = needsPath("cifar100 files");

/** CIFAR-100. */
export const cifar100 = {
  about: "32x32 colour images of a hundred classes, in the binary version",
  title: (): string => "CIFAR-100",
  /** Training images. */
  images: 50_000,
  fields: located,
  rules: [cifar100IsSomewhere],
  load: (): Promise<LoadSource<Located>> => loader("cifar100"),
} as const;
