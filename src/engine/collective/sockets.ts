/**
 * The sockets of this process, as far as a cluster's server needs it. Deno would ask for a permission that nothing else
 * of the library has.
 *
 * @module
 */
import type { Bytes } from "../native/mod.ts";

/** `<sys/socket.h>` and `<linux/filter.h>`, as Linux numbers them. */
const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_ATTACH_FILTER, SO_ACCEPTCONN] = [2, 1, 1, 26, 30];
const [SO_RCVTIMEO, SO_SNDTIMEO] = [20, 21];

/** How many open files of a process are looked at. */
const MOST_FILES = 4096;

function libc() {
  return Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  });
}

/**
 * Ports of this machine on which nobody listens.
 *
 * @param count How many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { freePorts } from "./sockets.ts";
 *
 * assertEquals(new Set(freePorts(3)).size, 3);
 * ```
 */
export function freePorts(count: number): readonly number[] {
  const library = libc();
  const C = library.symbols;
  const sockets = Array.from({ length: count }, () => C.socket(AF_INET, SOCK_STREAM, 0));
  const ports = sockets.map((socket) => {
    C.bind(socket, socketAddress([127, 0, 0, 1], 0), 16); // to any free port
    return portOf(C, socket);
  });
  sockets.forEach((socket) => C.close(socket)); // together, so that they differ
  library.close();
  return ports;
}

/** A `sockaddr_in`. Port 0 stands for any. */
function socketAddress(host: readonly number[], port: number): Bytes {
  const address = new Uint8Array(16);
  if (Deno.build.os === "darwin") address[0] = 16; // its structure begins with its length
  address[Deno.build.os === "darwin" ? 1 : 0] = AF_INET;
  new DataView(address.buffer).setUint16(2, port);
  address.set(host, 4);
  return address;
}

/** The four numbers and the port of an address; undefined if it is not written in numbers. */
function numbersOf(address: string): { readonly host: readonly number[]; readonly port: number } | undefined {
  const parts = address.match(/^(\d+)\.(\d+)\.(\d+)\.(\d+):(\d+)$/)?.slice(1).map(Number);
  return parts && { host: parts.slice(0, 4), port: parts[4] };
}

/**
 * Whether a server greets who connects to it, as those of gRPC do. One that is frozen or not there does not.
 *
 * @param address "host:port".
 * @param milliseconds How long to wait for the connection, and then for the greeting.
 * @returns Undefined where it was not tried: the system is not Linux, or the address is not one of IPv4 in numbers.
 */
export function greets(address: string, milliseconds: number): boolean | undefined {
  const numbers = numbersOf(address);
  if (Deno.build.os !== "linux" || numbers === undefined) return undefined;
  const library = libc();
  const C = library.symbols;
  const socket = C.socket(AF_INET, SOCK_STREAM, 0);
  const limit = new Uint8Array(
    BigInt64Array.of(BigInt(Math.floor(milliseconds / 1000)), BigInt(milliseconds % 1000) * 1000n).buffer,
  );
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) C.setsockopt(socket, SOL_SOCKET, option, limit, limit.length);
  const greeted = C.connect(socket, socketAddress(numbers.host, numbers.port), 16) === 0 &&
    C.recv(socket, new Uint8Array(1), 1n, 0) > 0;
  C.close(socket);
  library.close();
  return greeted;
}

function portOf(C: ReturnType<typeof libc>["symbols"], socket: number): number {
  const name = new Uint8Array(28); // a `sockaddr_in6`, the longer one
  if (C.getsockname(socket, name, Uint32Array.of(name.length)) !== 0) return 0;
  return new DataView(name.buffer).getUint16(2);
}

/**
 * Lets the listening socket of a port take connections to one IPv4 address only. TensorFlow's server listens on every
 * address of the machine, and has no option to do otherwise. Packets to other addresses are dropped by the system.
 *
 * It cannot be done where the system is not Linux, the address is not written in numbers, or it is not one of this
 * machine's own: packets to it are then sent on to another one, as to a container's.
 *
 * @param address "host:port".
 * @returns Whether it was done. "later": nobody listens on the port yet.
 */
export function acceptOnlyAt(address: string): "done" | "later" | "cannot be done" {
  const numbers = numbersOf(address);
  if (Deno.build.os !== "linux" || numbers === undefined) return "cannot be done";
  const library = libc();
  const C = library.symbols;
  const own = C.socket(AF_INET, SOCK_STREAM, 0);
  const isOwn = C.bind(own, socketAddress(numbers.host, 0), 16) === 0;
  C.close(own);
  if (!isOwn) {
    library.close();
    return "cannot be done";
  }
  const isListening = (socket: number): boolean => {
    const value = new Int32Array(1);
    return C.getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, value, Uint32Array.of(4)) === 0 && value[0] === 1;
  };
  const found = Array.from({ length: MOST_FILES }, (_, socket) => socket)
    .filter((socket) => isListening(socket) && portOf(C, socket) === numbers.port);
  const filter = onlyTo(numbers.host);
  const pointer = Deno.UnsafePointer.value(Deno.UnsafePointer.of(filter));
  const program = new DataView(new ArrayBuffer(16)); // a `sock_fprog`: the number of instructions, and where they are
  program.setUint16(0, filter.length / 8, true);
  program.setBigUint64(8, pointer, true);
  const done = found.map((socket) =>
    C.setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array(program.buffer), 16) === 0
  );
  library.close();
  return done.length === 0 ? "later" : done.every((each) => each) ? "done" : "cannot be done";
}

/** A program of the system's packet filter: it takes packets of IPv4 that go to an address. */
function onlyTo(address: readonly number[]): Bytes {
  const network = 0xfff00000; // where the network's header begins, `SKF_NET_OFF`
  const wanted = address.reduce((sum, part) => sum * 256 + part, 0);
  const instructions = [
    [0x30, 0, 0, network], // the first byte: the version and the length of the header
    [0x54, 0, 0, 0xf0],
    [0x15, 0, 3, 0x40], // version 4, or drop
    [0x20, 0, 0, network + 16], // the destination
    [0x15, 0, 1, wanted],
    [0x06, 0, 0, 0xffffffff], // take it whole
    [0x06, 0, 0, 0], // drop it
  ];
  const bytes = new DataView(new ArrayBuffer(8 * instructions.length));
  instructions.forEach(([code, whereTrue, whereFalse, value], index) => {
    bytes.setUint16(8 * index, code, true);
    bytes.setUint8(8 * index + 2, whereTrue);
    bytes.setUint8(8 * index + 3, whereFalse);
    bytes.setUint32(8 * index + 4, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
