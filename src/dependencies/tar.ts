/** Reads the headers of tar files. */
export { Header, type HeaderData } from "npm:tar@7.5.23/header";
export { Pax } from "npm:tar@7.5.23/pax";
