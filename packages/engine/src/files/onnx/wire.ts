import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { EngineError } from "../../errors.ts";

/** How many fields a file may hold: far above any real model, far below what would fill the memory with small objects. */
const mostFields = 4_000_000;

/** Counts the fields read from one file, over all its messages. */
export interface FieldCount {
  fields: number;
}

/** One field of a protobuf message; each reader checks the wire type and that the value lies inside the message. */
export interface Field {
  readonly number: number;
  /** Raw bytes of a length-delimited field: a view, not a copy. */
  bytes(): Uint8Array;
  text(): string;
  /** A signed 64-bit integer, saturated at ±(2⁵³ − 1). */
  int(): number;
  float(): number;
  double(): number;
  /** Appends the numbers of a repeated field, packed or not. */
  ints(to: number[]): void;
  floats(to: number[]): void;
  doubles(to: number[]): void;
}

const malformed = (where: string, reason: string): EngineError =>
  new EngineError(
    "onnx-malformed",
    `The ONNX file is damaged or not an ONNX file: ${reason} in ${where}. Export the model again.`,
  );

const exact = (value: bigint | string): number => {
  const number = Number(value);
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
};

/** Runs a reader of the protobuf library and turns what it throws on damaged bytes into an EngineError. */
function guarded<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw malformed(where, error instanceof Error ? error.message : "unreadable bytes");
  }
}

/**
 * Visits the fields of one message in order. Fields the visitor does not read are skipped.
 *
 * Nothing is allocated on the word of a length: nested messages are views, and repeated numbers are counted by the bytes that are there.
 *
 * @throws EngineError `onnx-malformed` or `onnx-too-large`.
 */
export function forEachField(bytes: Uint8Array, where: string, count: FieldCount, visit: (field: Field) => void): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    if (++count.fields > mostFields) {
      throw new EngineError("onnx-too-large", `The ONNX file holds more than ${mostFields} fields.`);
    }
    const [number, wire] = guarded(where, () => reader.tag());
    if (wire === WireType.StartGroup || wire === WireType.EndGroup)
      throw malformed(where, `a group in field ${number}`);
    const start = reader.pos;
    visit(fieldAt(reader, number, wire, where));
    if (reader.pos === start) guarded(where, () => reader.skip(wire, number));
    if (reader.pos > reader.len) throw malformed(where, `field ${number} ends behind its message`);
  }
}

function checkBounds(reader: BinaryReader): void {
  if (reader.pos > reader.len) throw new RangeError("the data ends early");
}

function fieldAt(reader: BinaryReader, number: number, wire: WireType, where: string): Field {
  const read = <T>(expected: WireType, get: () => T): T =>
    guarded(where, () => {
      if (wire !== expected) throw malformed(where, `field ${number} has wire type ${wire}, not ${expected},`);
      const value = get();
      checkBounds(reader);
      return value;
    });
  const repeated = (to: number[], single: WireType, get: (from: BinaryReader) => number): void => {
    if (wire !== WireType.LengthDelimited) {
      to.push(read(single, () => get(reader)));
      return;
    }
    const inner = new BinaryReader(read(WireType.LengthDelimited, () => reader.bytes()));
    guarded(where, () => {
      while (inner.pos < inner.len) {
        to.push(get(inner));
        checkBounds(inner);
      }
    });
  };
  return {
    number,
    bytes: () => read(WireType.LengthDelimited, () => reader.bytes()),
    text: () => read(WireType.LengthDelimited, () => reader.string()),
    int: () => read(WireType.Varint, () => exact(reader.int64())),
    float: () => read(WireType.Bit32, () => reader.float()),
    double: () => read(WireType.Bit64, () => reader.double()),
    ints: (to) => repeated(to, WireType.Varint, (from) => exact(from.int64())),
    floats: (to) => repeated(to, WireType.Bit32, (from) => from.float()),
    doubles: (to) => repeated(to, WireType.Bit64, (from) => from.double()),
  };
}
