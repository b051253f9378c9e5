/**
 * What is taken where nothing is asked for, on the command line, in code and on the page. The page's script takes it
 * too, so this file imports nothing.
 *
 * @module
 */

/** The share of `closeGroups` with which planted duplicates were found best, see docs/search.md. */
export const DUPLICATES_WITHIN = 0.6;

/** The neighbours that an image is compared with to see whether it is an outlier; fewer where there are not as many. */
export const OUTLIER_NEIGHBOURS = 20;
