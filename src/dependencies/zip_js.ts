/** Reads zip archives. */
export { configure, type FileEntry, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "npm:@zip.js/zip.js@2.24.0";
