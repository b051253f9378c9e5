/**
 * What float32 may take from the cosine similarity of equal vectors, which is 1: sums of up to 2,048 products in any
 * order. Similarities are compared with this much room, so that a threshold of 1 means equal vectors.
 */
export const ROUNDING = 4e-6;
