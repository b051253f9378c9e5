/** Charts from declarations. Some megabytes: import it when a chart is drawn. */
export * as vega from "npm:vega@6.4.0";
export { compile, type TopLevelSpec } from "npm:vega-lite@6.5.0";
