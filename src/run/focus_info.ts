/** What the maps of where an encoder looks in an image are: they lie over what it sees of the image. */
export type FocusInfo = {
  /** "attention": what the class token attends to, a map for each head. "share": shares of the features' length. */
  readonly kind: "attention" | "share";
  /** How many maps there are: one for each head, or one. */
  readonly maps: number;
  readonly rows: number;
  readonly columns: number;
  /** Whether the encoder sees the central square of the image, or the whole of it. */
  readonly isCentral: boolean;
  /** The share of that which it sees along each side, in the middle. */
  readonly crop: number;
};
