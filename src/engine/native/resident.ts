/**
 * `<elf.h>`: the type of a mapped segment, and its flag "may be written". `<sys/mman.h>`: advice that pages are not
 * needed.
 */
const [PT_LOAD, PF_W, MADV_DONTNEED] = [1, 2, 4];

/** Bytes of an `Elf64_Phdr`. */
const headerSize = 56;

/**
 * Gives back memory that was needed to load TensorFlow, compile a function or run something large, and is not needed
 * to go on. On Linux this is some 280 MiB of a process at its start; elsewhere nothing is done.
 *
 * From TensorFlow's libraries, it gives back pages that only copy their files. Loading touches most of them, for
 * relocations and static objects; the system reads those that are needed again from its cache. From the C library's
 * heap, it gives back what is free.
 */
export function giveBackMemory(): void {
  if (Deno.build.os !== "linux") return;
  const libc = Deno.dlopen("libc.so.6", {
    dl_iterate_phdr: { parameters: ["function", "pointer"], result: "i32" },
    getpagesize: { parameters: [], result: "i32" },
    madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
    malloc_trim: { parameters: ["usize"], result: "i32", optional: true }, // glibc's
  });
  const page = BigInt(libc.symbols.getpagesize());
  const giveBack = new Deno.UnsafeCallback(
    { parameters: ["pointer", "usize", "pointer"], result: "i32" } as const,
    (information) => {
      for (const [start, length] of readOnlySegments(new Deno.UnsafePointerView(information!))) {
        const aligned = start - start % page;
        libc.symbols.madvise(Deno.UnsafePointer.create(aligned), start + length - aligned, MADV_DONTNEED);
      }
      return 0; // go on with the next library
    },
  );
  libc.symbols.dl_iterate_phdr(giveBack.pointer, null);
  giveBack.close();
  libc.symbols.malloc_trim?.(0n);
  libc.close();
}

/** The segments of a TensorFlow library that are never written: address and bytes; none for other libraries. */
function readOnlySegments(information: Deno.UnsafePointerView): [start: bigint, length: bigint][] {
  // dl_phdr_info is { u64 address; char* name; Elf64_Phdr* headers; u16 count; ... }.
  const [address, name, headers] = [0, 8, 16].map((offset) => information.getBigUint64(offset));
  if (!/libtensorflow[^/]*$/.test(textAt(name))) return [];
  const view = new Deno.UnsafePointerView(Deno.UnsafePointer.create(headers)!);
  // Elf64_Phdr is { u32 type; u32 flags; u64 offset, address, physical; u64 fileSize, memorySize, alignment }.
  return Array.from({ length: information.getUint16(24) }, (_, index) => index * headerSize)
    .filter((at) => view.getUint32(at) === PT_LOAD && (view.getUint32(at + 4) & PF_W) === 0)
    .map((at) => [address + view.getBigUint64(at + 16), view.getBigUint64(at + 40)]);
}

function textAt(address: bigint): string {
  const pointer = Deno.UnsafePointer.create(address);
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}
