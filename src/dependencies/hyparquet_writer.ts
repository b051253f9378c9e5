/** Writes Parquet files. */
export { ByteWriter, parquetWriteRows } from "npm:hyparquet-writer@0.17.0";
