/**
 * Python's pickle format as data. A pickle is a program for a small stack machine, and Python's own reader imports and
 * calls what the program names. This reader builds lists, dictionaries, numbers and texts, and notes what would have
 * been called; it runs nothing.
 *
 * @module
 */

/** What a pickle can hold here. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickledList
  | PickledTuple
  | PickledDict
  | PickledName
  | PickledObject
  | PersistentId;

/** A list or a set. */
export type PickledList = { readonly _tag: "List"; readonly items: Pickled[] };

/** A tuple. */
export type PickledTuple = { readonly _tag: "Tuple"; readonly items: readonly Pickled[] };

/** A dictionary; the last of equal keys counts. */
export type PickledDict = { readonly _tag: "Dict"; readonly entries: Map<Pickled, Pickled> };

/** The name of a class or a function, such as `torch._utils._rebuild_tensor_v2`. */
export type PickledName = { readonly _tag: "Name"; readonly name: string };

/** What a class or a function would have made of its arguments, and what was set on the result afterwards. */
export type PickledObject = {
  readonly _tag: "Object";
  readonly name: string;
  readonly args: readonly Pickled[];
  /** What `__setstate__` would have been given. */
  state?: Pickled;
  /** What was put into it by key, where it is a dictionary of its own kind. */
  readonly entries: Map<Pickled, Pickled>;
};

/** Something that the file keeps outside of the pickle. */
export type PersistentId = { readonly _tag: "Persistent"; readonly id: Pickled };

/** A pickle that cannot be read, or names what is not allowed. */
export class PickleError extends Error {
  /**
   * @param expected What should stand there.
   * @param found What stands there.
   */
  constructor(readonly expected: string, readonly found: string) {
    super(`expected ${expected}, found ${found}`);
    this.name = "PickleError";
  }
}

/** The longest whole number that is read, bytes. */
const LONGEST_INTEGER = 1024;

/**
 * The value of a pickle.
 *
 * @param bytes Bytes that begin with a pickle.
 * @param isAllowed Whether a class or a function may be named.
 * @returns The value, and where the pickle ends.
 * @throws {PickleError} if the bytes are cut off or damaged, or name what is not allowed.
 */
export function unpickle(
  bytes: Uint8Array,
  isAllowed: (name: string) => boolean,
): { readonly value: Pickled; readonly end: number } {
  const machine = new Machine(new Cursor(bytes), isAllowed);
  return { value: machine.run(), end: machine.cursor.at };
}

/** Reads numbers and texts one after another. */
class Cursor {
  at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(count: number): Uint8Array {
    if (!(count <= this.bytes.length - this.at)) {
      throw new PickleError(`${count} more bytes at ${this.at}`, `${this.bytes.length - this.at}`);
    }
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  number(width: 1 | 2 | 4 | 8, kind: "unsigned" | "signed" | "float" = "unsigned"): number {
    this.take(width);
    const at = this.at - width;
    if (kind === "float") return this.#view.getFloat64(at); // the only number that is big-endian
    if (kind === "signed") return this.#view.getInt32(at, true);
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at, true);
    return width === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleError(`the end of a line after ${this.at}`, "the end of the file");
    const text = utf8(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  text(width: 1 | 4 | 8): string {
    return utf8(this.take(this.number(width)));
  }

  /** A whole number of any length, in two's complement. */
  integer(width: 1 | 4): number | bigint {
    const length = this.number(width);
    if (length > LONGEST_INTEGER) throw new PickleError(`an integer of up to ${LONGEST_INTEGER} bytes`, `${length}`);
    const digits = this.take(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = value << 8n | BigInt(digits[index]);
    const signed = length > 0 && digits[length - 1] > 127 ? value - (1n << BigInt(8 * length)) : value;
    const plain = Number(signed);
    return Number.isSafeInteger(plain) ? plain : signed;
  }
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const mark = Symbol("mark");

/** The stack machine. */
class Machine {
  readonly #stack: (Pickled | typeof mark)[] = [];
  readonly #memo = new Map<number, Pickled>();

  constructor(readonly cursor: Cursor, readonly isAllowed: (name: string) => boolean) {}

  run(): Pickled {
    for (;;) {
      const at = this.cursor.at;
      const code = this.cursor.number(1);
      if (code === STOP) return this.#pop();
      const operation = operations.get(code);
      if (operation === undefined) {
        throw new PickleError("an instruction of a pickle of data", `the code 0x${code.toString(16)} at byte ${at}`);
      }
      operation(this);
    }
  }

  push(value: Pickled): void {
    this.#stack.push(value);
  }

  pushMark(): void {
    this.#stack.push(mark);
  }

  pop(): Pickled {
    return this.#pop();
  }

  /** The values above the last mark, which goes with them. */
  popToMark(): Pickled[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new PickleError("a mark on the stack", "none");
    return (this.#stack.splice(at) as Pickled[]).slice(1);
  }

  top(): Pickled {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  remember(place: number): void {
    this.#memo.set(place, this.top());
  }

  rememberNext(): void {
    this.#memo.set(this.#memo.size, this.top());
  }

  recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) throw new PickleError("a value that was remembered", `none under ${place}`);
    this.push(value);
  }

  pushName(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!this.isAllowed(full)) throw new PickleError("tensors and plain data only", `the Python name ${full}`);
    this.push({ _tag: "Name", name: full });
  }

  /** Notes a call instead of making it. */
  call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!isTagged(args, "Tuple") || !isTagged(callee, "Name")) {
      throw new PickleError("a call of a name with a tuple", `${kind(callee)} and ${kind(args)}`);
    }
    this.push(resultOf(callee.name, args.items));
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (isTagged(target, "Object")) target.state = state; // attributes of dictionaries (`_metadata`) are not needed
    else if (!isTagged(target, "Dict")) throw new PickleError("an object to set the state of", kind(target));
  }

  append(items: readonly Pickled[]): void {
    const list = this.top();
    if (!isTagged(list, "List")) throw new PickleError("a list to append to", kind(list));
    for (const item of items) list.items.push(item);
  }

  setItems(items: readonly Pickled[]): void {
    const dict = this.top();
    if (!isTagged(dict, "Dict") && !isTagged(dict, "Object")) throw new PickleError("a dictionary", kind(dict));
    if (items.length % 2 !== 0) throw new PickleError("a value for each key", `${items.length} items`);
    for (let index = 0; index < items.length; index += 2) dict.entries.set(items[index], items[index + 1]);
  }

  #pop(): Pickled {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw new PickleError("a value on the stack", "none");
    return value;
  }
}

/** Classes of dictionaries. */
const dictionaries = ["collections.OrderedDict", "collections.defaultdict", "collections.Counter"];

/** What stands for a call: the dictionary or the bytes that it would make, or else a note of the call. */
function resultOf(name: string, args: readonly Pickled[]): Pickled {
  if (dictionaries.includes(name)) return { _tag: "Dict", entries: new Map(args.flatMap(pairsOf)) };
  const [text, encoding] = args;
  if (name === "_codecs.encode" && typeof text === "string" && encoding === "latin1") return latin1(text);
  if (/^(__builtin__|builtins)\.bytes$/.test(name) && args.length === 0) return new Uint8Array();
  return { _tag: "Object", name, args, entries: new Map() };
}

/** The keys and values that a new dictionary is given: another dictionary, or a list of pairs, as Python 2 wrote them. */
function pairsOf(value: Pickled): (readonly [Pickled, Pickled])[] {
  if (isTagged(value, "Dict")) return [...value.entries];
  if (!isTagged(value, "List")) return [];
  return value.items.map((pair) => {
    const items = isTagged(pair, "List") || isTagged(pair, "Tuple") ? pair.items : [];
    if (items.length !== 2) throw new PickleError("a key and a value", kind(pair));
    return [items[0], items[1]];
  });
}

/** Bytes that stand in a pickle as text, one letter each: so they are written by protocol 2, which PyTorch has. */
function latin1(text: string): Uint8Array {
  if (/[^\0-\xff]/.test(text)) throw new PickleError("bytes as text", "letters that are no bytes");
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether a value is of a kind that is told by its tag. */
export function isTagged<Tag extends string>(
  value: Pickled,
  tag: Tag,
): value is Extract<Pickled, { readonly _tag: Tag }> {
  return typeof value === "object" && value !== null && "_tag" in value && value._tag === tag;
}

/** What a value is, in a word. */
export function kind(value: Pickled): string {
  if (value === null) return "None";
  if (typeof value !== "object") return typeof value === "bigint" ? "a number" : `a ${typeof value}`;
  return "_tag" in value ? `a ${value._tag.toLowerCase()}` : "bytes";
}

const STOP = 0x2e;

/**
 * Each instruction by its code, as `pickletools` of Python lists them; protocols 1 to 5, what PyTorch writes and more.
 */
const operations: ReadonlyMap<number, (machine: Machine) => void> = new Map([
  [0x80, ({ cursor }) => void cursor.take(1)], // PROTO
  [0x95, ({ cursor }) => void cursor.take(8)], // FRAME
  [0x28, (machine) => machine.pushMark()], // MARK
  [0x30, (machine) => void machine.pop()], // POP
  [0x31, (machine) => void machine.popToMark()], // POP_MARK
  [0x32, (machine) => machine.push(machine.top())], // DUP
  [0x4e, (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x4a, (machine) => machine.push(machine.cursor.number(4, "signed"))], // BININT
  [0x4b, (machine) => machine.push(machine.cursor.number(1))], // BININT1
  [0x4d, (machine) => machine.push(machine.cursor.number(2))], // BININT2
  [0x8a, (machine) => machine.push(machine.cursor.integer(1))], // LONG1
  [0x8b, (machine) => machine.push(machine.cursor.integer(4))], // LONG4
  [0x47, (machine) => machine.push(machine.cursor.number(8, "float"))], // BINFLOAT
  [0x58, (machine) => machine.push(machine.cursor.text(4))], // BINUNICODE
  [0x8c, (machine) => machine.push(machine.cursor.text(1))], // SHORT_BINUNICODE
  [0x8d, (machine) => machine.push(machine.cursor.text(8))], // BINUNICODE8
  [0x54, (machine) => machine.push(machine.cursor.text(4))], // BINSTRING
  [0x55, (machine) => machine.push(machine.cursor.text(1))], // SHORT_BINSTRING
  [0x42, (machine) => machine.push(machine.cursor.take(machine.cursor.number(4)))], // BINBYTES
  [0x43, (machine) => machine.push(machine.cursor.take(machine.cursor.number(1)))], // SHORT_BINBYTES
  [0x8e, (machine) => machine.push(machine.cursor.take(machine.cursor.number(8)))], // BINBYTES8
  [0x96, (machine) => machine.push(machine.cursor.take(machine.cursor.number(8)))], // BYTEARRAY8
  [0x5d, (machine) => machine.push({ _tag: "List", items: [] })], // EMPTY_LIST
  [0x8f, (machine) => machine.push({ _tag: "List", items: [] })], // EMPTY_SET
  [0x61, (machine) => { // APPEND
    const item = machine.pop();
    machine.append([item]);
  }],
  [0x65, (machine) => { // APPENDS
    const items = machine.popToMark();
    machine.append(items);
  }],
  [0x90, (machine) => { // ADDITEMS
    const items = machine.popToMark();
    machine.append(items);
  }],
  [0x7d, (machine) => machine.push({ _tag: "Dict", entries: new Map() })], // EMPTY_DICT
  [0x73, (machine) => { // SETITEM
    const value = machine.pop();
    const key = machine.pop();
    machine.setItems([key, value]);
  }],
  [0x75, (machine) => { // SETITEMS
    const items = machine.popToMark();
    machine.setItems(items);
  }],
  [0x29, (machine) => machine.push({ _tag: "Tuple", items: [] })], // EMPTY_TUPLE
  [0x74, (machine) => machine.push({ _tag: "Tuple", items: machine.popToMark() })], // TUPLE
  [0x85, (machine) => machine.push({ _tag: "Tuple", items: popped(machine, 1) })], // TUPLE1
  [0x86, (machine) => machine.push({ _tag: "Tuple", items: popped(machine, 2) })], // TUPLE2
  [0x87, (machine) => machine.push({ _tag: "Tuple", items: popped(machine, 3) })], // TUPLE3
  [0x71, (machine) => machine.remember(machine.cursor.number(1))], // BINPUT
  [0x72, (machine) => machine.remember(machine.cursor.number(4))], // LONG_BINPUT
  [0x94, (machine) => machine.rememberNext()], // MEMOIZE
  [0x68, (machine) => machine.recall(machine.cursor.number(1))], // BINGET
  [0x6a, (machine) => machine.recall(machine.cursor.number(4))], // LONG_BINGET
  [0x63, (machine) => machine.pushName(machine.cursor.line(), machine.cursor.line())], // GLOBAL
  [0x93, (machine) => { // STACK_GLOBAL
    const [module, name] = popped(machine, 2);
    if (typeof module !== "string" || typeof name !== "string") {
      throw new PickleError("the name of a class", `${kind(module)} and ${kind(name)}`);
    }
    machine.pushName(module, name);
  }],
  [0x52, (machine) => machine.call()], // REDUCE
  [0x81, (machine) => machine.call()], // NEWOBJ
  [0x62, (machine) => machine.build()], // BUILD
  [0x51, (machine) => machine.push({ _tag: "Persistent", id: machine.pop() })], // BINPERSID
]);

/** The last values of the stack, in the order in which they were pushed. */
function popped(machine: Machine, count: number): Pickled[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}
