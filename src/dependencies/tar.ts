/** Reads the headers of tar files. */
export { Header } from "npm:tar@7.5.23/header";
