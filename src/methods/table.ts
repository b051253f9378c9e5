import { endToEnd } from "./end_to_end_settings.ts";
import { memoryBank } from "./memory_bank_settings.ts";
import { moco } from "./moco_settings.ts";
import { mocoV3 } from "./moco_v3_settings.ts";
import { simclr } from "./simclr_settings.ts";
import { supervised } from "./supervised_settings.ts";

/** Every method by name. A new one needs its own files and a line here. */
export const methods = {
  "moco": moco,
  "moco-v3": mocoV3,
  "end-to-end": endToEnd,
  "simclr": simclr,
  "memory-bank": memoryBank,
  "supervised": supervised,
} as const;
