/**
 * The running TensorFlow: the library, one status, one eager context. It starts on first use, so importing the library
 * costs nothing.
 *
 * @module
 */
import { type CApi, openLibrary, type Pointer, readCString } from "./c_api.ts";
import { EngineError, type LibraryLocation, loadLibrary } from "../install/mod.ts";
import { clusterConfig, type Membership, serverDefinition } from "./cluster.ts";
import { signalsNow } from "./kept_signals.ts";
import { giveBackMemory } from "./resident.ts";
import { bytesField, integerField } from "./protobuf.ts";

/** A device that TensorFlow found: its name, and its type, such as "CPU" or "GPU". */
export type Device = { readonly name: string; readonly type: string };

/** TensorFlow, loaded and started. */
export type Runtime = {
  readonly C: CApi;
  /** The status that every checked call writes to. */
  readonly status: Pointer;
  /** Where ops run, each of which spreads over all cores. */
  readonly context: Pointer;
  /** Whether the context is a member of a cluster. */
  readonly clustered: boolean;
  /** A graph without nodes, needed to query the op registry. */
  readonly emptyGraph: Pointer;
  readonly version: string;
  readonly devices: readonly Device[];
};

let running: Runtime | undefined;

/** The running TensorFlow; the first call loads it. */
export function runtime(): Runtime {
  return running ??= loadLibrary(start);
}

/**
 * Starts TensorFlow as a member of a cluster, and waits until all members are there.
 *
 * @param membership The members.
 * @param meanwhile Called again and again until they are there: the server listens from soon after the first time on.
 * @throws {EngineError} if TensorFlow is running already, or not all members come in time.
 */
export async function startInCluster(membership: Membership, meanwhile: () => void): Promise<void> {
  if (running !== undefined) {
    throw new EngineError(
      "operation",
      "Cannot join a cluster: expected an engine that has not been used, found one in use",
    );
  }
  running = loadLibrary((location) => start(location, membership));
  const { C, context } = running;
  const status = C.TF_NewStatus(); // another thread writes to it
  const server = Uint8Array.from(serverDefinition(membership, configOf(membership)));
  const restore = signalsNow();
  const joined = C.TFE_EnableCollectiveOps(context, server, BigInt(server.length), status)
    .then(() => void server.length); // the bytes are read until then
  const again = () => {
    restore(); // or a wish to end would not be heard while others are waited for
    meanwhile();
  };
  const timer = setInterval(again, MEANWHILE);
  try {
    await inTime(membership, joined);
  } finally {
    clearInterval(timer);
    again();
  }
  if (C.TF_GetCode(status) !== 0) throw failure(C, status, () => "join a cluster");
}

/** Milliseconds between looks at what TensorFlow does while it joins. */
const MEANWHILE = 20;

async function inTime({ addresses, patience }: Membership, joined: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `Cannot join a cluster: expected ${addresses.join(" and ")} to come within ${patience} s, ` +
      "found that not all have";
    timer = setTimeout(() => reject(new EngineError("operation", message)), 1000 * patience);
  });
  try {
    await Promise.race([joined, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether TensorFlow found a GPU. */
export function hasGpu(): boolean {
  return runtime().devices.some((device) => device.type === "GPU");
}

/** Whether this process is a member of a cluster. */
export function inCluster(): boolean {
  return runtime().clustered;
}

/**
 * Throws the error that a call reported, if it failed.
 *
 * @param doing Completes "Cannot ...".
 * @param status What the call wrote to. Default: what every call writes to that the program waits for.
 */
export function check(doing: () => string, status: Pointer = runtime().status): void {
  const { C } = runtime();
  if (C.TF_GetCode(status) !== 0) throw failure(C, status, doing);
}

/** `TF_OUT_OF_RANGE`: reported by an iterator or a queue at the end of its data. */
const OUT_OF_RANGE = 11;

function failure(C: CApi, status: Pointer, doing: () => string): EngineError {
  // This comes first, because describing the call writes to the same status.
  const reason = readCString(C.TF_Message(status));
  const kind = C.TF_GetCode(status) === OUT_OF_RANGE ? "end" : "operation";
  return new EngineError(kind, `Cannot ${doing()}: ${reason}`);
}

function start({ framework, library }: LibraryLocation, membership?: Membership): Runtime {
  quietDefaults();
  const C = openLibrary(framework, library);
  const status = C.TF_NewStatus();
  const context = newContext(C, status, configOf(membership));
  const list = C.TFE_ContextListDevices(context, status);
  checkStart(C, status);
  const devices = Array.from({ length: C.TF_DeviceListCount(list) }, (_, index) => ({
    name: readCString(C.TF_DeviceListName(list, index, status)),
    type: readCString(C.TF_DeviceListType(list, index, status)),
  }));
  C.TF_DeleteDeviceList(list);
  giveBackMemory();
  const clustered = membership !== undefined;
  return { C, status, context, clustered, emptyGraph: C.TF_NewGraph(), version: readCString(C.TF_Version()), devices };
}

/** An eager context of a `ConfigProto`, with a pool of threads of its own. */
export function newContext(C: CApi, status: Pointer, config: readonly number[]): Pointer {
  const options = C.TFE_NewContextOptions();
  C.TFE_ContextOptionsSetConfig(options, Uint8Array.from(config), BigInt(config.length), status);
  checkStart(C, status);
  const context = C.TFE_NewContext(options, status);
  C.TFE_DeleteContextOptions(options);
  checkStart(C, status);
  return context;
}

function checkStart(C: CApi, status: Pointer): void {
  if (C.TF_GetCode(status) !== 0) throw failure(C, status, () => "start TensorFlow");
}

/** The `ConfigProto` of the process. */
function configOf(membership: Membership | undefined): number[] {
  return [...sessionConfig, ...membership === undefined ? [] : clusterConfig(membership)];
}

/** ConfigProto.gpu_options.allow_growth = true: GPU memory is taken as it is needed. */
const sessionConfig = bytesField(6, integerField(4, true));

/**
 * Environment variables that TensorFlow reads when it loads, set here unless the user has set them. They turn off log
 * lines below errors, and turn on oneDNN's kernels, which TensorFlow itself enables only on the newest x86 processors
 * (on AVX2 they train a small ResNet 1.7 times as fast). The last gives each context threads of its own.
 */
function quietDefaults(): void {
  const defaults = { TF_CPP_MIN_LOG_LEVEL: "3", TF_ENABLE_ONEDNN_OPTS: "1", TF_OVERRIDE_GLOBAL_THREADPOOL: "1" };
  for (const [name, value] of Object.entries(defaults)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}
