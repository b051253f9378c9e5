/**
 * How long a step takes on n devices.
 *
 * @module
 */

/** What a step costs, and what connects the devices. */
export type Costs = {
  /** Seconds of computation for one image on one device. */
  readonly perImage: number;
  /** Images of the whole batch. */
  readonly batch: number;
  /** Bytes of the gradients. */
  readonly gradients: number;
  /**
   * Bytes that every device gets from all others for each image: its key, and its image where batch norm is shuffled.
   */
  readonly perRow: number;
  /** Bytes a second that a device sends. */
  readonly bandwidth: number;
  /** Seconds from one device to the next. */
  readonly latency: number;
  /** Sums over all devices in a step that wait for one another. */
  readonly sums: number;
  /** Operations that gather rows of all devices and wait for one another. */
  readonly gathers: number;
};

/**
 * Seconds of a step. A ring sends each byte of a sum twice around all but one device, and each gathered row once.
 * Before that, an operation asks for what it needs, and is answered.
 *
 *     t(n) = batch / n perImage + (2 (n - 1)/n gradients + (n - 1)/n batch perRow) / bandwidth
 *          + latency ((n - 1) (2 sums + gathers) + 2 (sums + gathers))
 *
 * @param costs What a step costs.
 * @param devices n.
 */
export function stepSeconds(costs: Costs, devices: number): { readonly compute: number; readonly collective: number } {
  const { perImage, batch, gradients, perRow, bandwidth, latency, sums, gathers } = costs;
  const compute = batch / devices * perImage;
  if (devices === 1) return { compute, collective: 0 };
  const sent = (devices - 1) / devices * (2 * gradients + batch * perRow);
  const delays = (devices - 1) * (2 * sums + gathers) + 2 * (sums + gathers);
  return { compute, collective: sent / bandwidth + delays * latency };
}

/** Three trainings of the papers, as far as their figures say what one image costs a V100. */
export const projections: Readonly<Record<string, Costs>> = {
  // arXiv:2003.04297, table 3: 53 hours on 8 V100 for 200 epochs of 1.28 million images, batch 256: 6.0 ms an image.
  "v2, ResNet-50, batch 256": {
    ...{ perImage: 8 * 53 * 3600 / (200 * 1.28e6), batch: 256, gradients: 4 * 27.97e6, sums: 2, gathers: 2 },
    ...{ perRow: 4 * (128 + 224 * 224 * 3), bandwidth: 10e9, latency: 20e-6 },
  },
  "v2, ResNet-50, batch 4096": {
    ...{ perImage: 8 * 53 * 3600 / (200 * 1.28e6), batch: 4096, gradients: 4 * 27.97e6, sums: 2, gathers: 2 },
    ...{ perRow: 4 * (128 + 224 * 224 * 3), bandwidth: 10e9, latency: 20e-6 },
  },
  // Assumed: 17.6 GFLOP a forward pass, and 8 of them for two views of both encoders and the gradient, at 50 TFLOP/s.
  "v3, ViT-B, batch 4096": {
    ...{ perImage: 8 * 2 * 17.6e9 / 50e12, batch: 4096, gradients: 4 * 110e6, sums: 12, gathers: 18 },
    ...{ perRow: 4 * 4 * 256, bandwidth: 10e9, latency: 20e-6 },
  },
};
