/** Reads Parquet files. */
export { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "npm:hyparquet@1.33.0";
export { compressors } from "npm:hyparquet-compressors@1.1.2";
