import { type LoadSource, type Located, located } from "./common_settings.ts";

/** Fashion-MNIST. */
export const fashionMnist = {
  about: "28x28 grey images of ten kinds of clothes, fetched where no path is given",
  title: (): string => "Fashion-MNIST",
  /** Training images. */
  images: 60_000,
  fields: located,
  load: async (): Promise<LoadSource<Located>> => {
    const { classes, loadFashionMnist } = await import("./fashion_mnist.ts");
    const { loadIdx } = await import("./idx.ts");
    return ({ path }, { notify }) =>
      path === undefined ? loadFashionMnist(notify) : loadIdx(path, "fashion-mnist", classes);
  },
} as const;

/** MNIST. */
export const mnist = {
  about: "28x28 grey images of handwritten digits, fetched where no path is given",
  title: (): string => "MNIST",
  /** Training images. */
  images: 60_000,
  fields: located,
  load: async (): Promise<LoadSource<Located>> => {
    const { classes, loadMnist } = await import("./mnist.ts");
    const { loadIdx } = await import("./idx.ts");
    return ({ path }, { notify }) => path === undefined ? loadMnist(notify) : loadIdx(path, "mnist", classes);
  },
} as const;
