/**
 * XXH64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), without bigints: a 64-bit number
 * is two 32-bit halves.
 */

const prime1 = { high: 0x9e3779b1, low: 0x85ebca87 } as const;
const prime2 = { high: 0xc2b2ae3d, low: 0x27d4eb4f } as const;
const prime3 = { high: 0x165667b1, low: 0x9e3779f9 } as const;
const prime4 = { high: 0x85ebca77, low: 0xc2b2ae63 } as const;
const prime5 = { high: 0x27d4eb2f, low: 0x165667c5 } as const;
type Prime = typeof prime1 | typeof prime2 | typeof prime3 | typeof prime4 | typeof prime5;

/** The two halves of the hash that is being computed. */
let high = 0;
let low = 0;

export interface Hash64 {
  high: number;
  low: number;
}
const hash: Hash64 = { high, low };

/** Halves of the four lanes of a long input. */
const lanes = new Int32Array(8);
const laneRotations = new Int32Array([1, 7, 12, 18]);
const stripeBytes = 32;

/** The hash of the bytes. The next call changes the returned object. */
export function xxhash64(bytes: Uint8Array): Readonly<Hash64> {
  const { length } = bytes;
  let at = 0;
  if (length < stripeBytes) set(prime5.high, prime5.low);
  else {
    startLanes();
    for (; at + stripeBytes <= length; at += stripeBytes)
      for (let lane = 0; lane < 4; lane += 1) {
        load(lane);
        round(uint32(bytes, at + 8 * lane + 4), uint32(bytes, at + 8 * lane));
        keep(lane);
      }
    mergeLanes();
  }
  add(0, length);
  for (; at + 8 <= length; at += 8) {
    const [wasHigh, wasLow] = [high, low];
    set(0, 0);
    round(uint32(bytes, at + 4), uint32(bytes, at));
    xor(wasHigh, wasLow);
    rotate(27);
    multiply(prime1);
    add(prime4.high, prime4.low);
  }
  if (at + 4 <= length) {
    mix(uint32(bytes, at), prime1);
    rotate(23);
    multiply(prime2);
    add(prime3.high, prime3.low);
    at += 4;
  }
  for (; at < length; at += 1) {
    mix(bytes[at] ?? 0, prime5);
    rotate(11);
    multiply(prime1);
  }
  xor(0, high >>> 1);
  multiply(prime2);
  xor(high >>> 29, (low >>> 29) | (high << 3));
  multiply(prime3);
  xor(0, high);
  hash.high = high;
  hash.low = low;
  return hash;
}

function startLanes(): void {
  set(prime1.high, prime1.low);
  add(prime2.high, prime2.low);
  keep(0);
  set(prime2.high, prime2.low);
  keep(1);
  set(0, 0);
  keep(2);
  // Zero minus the first prime.
  set(~prime1.high, ~prime1.low);
  add(0, 1);
  keep(3);
}

function mergeLanes(): void {
  let [sumHigh, sumLow] = [0, 0];
  for (let lane = 0; lane < 4; lane += 1) {
    load(lane);
    rotate(laneRotations[lane] ?? 0);
    add(sumHigh, sumLow);
    sumHigh = high;
    sumLow = low;
  }
  for (let lane = 0; lane < 4; lane += 1) {
    set(0, 0);
    round(lanes[2 * lane] ?? 0, lanes[2 * lane + 1] ?? 0);
    xor(sumHigh, sumLow);
    multiply(prime1);
    add(prime4.high, prime4.low);
    sumHigh = high;
    sumLow = low;
  }
}

function keep(lane: number): void {
  lanes[2 * lane] = high;
  lanes[2 * lane + 1] = low;
}

function load(lane: number): void {
  high = lanes[2 * lane] ?? 0;
  low = lanes[2 * lane + 1] ?? 0;
}

/** Adds a word of input: `(number + input * prime2) rotated by 31, * prime1`. */
function round(inputHigh: number, inputLow: number): void {
  const wasHigh = high;
  const wasLow = low;
  set(inputHigh, inputLow);
  multiply(prime2);
  add(wasHigh, wasLow);
  rotate(31);
  multiply(prime1);
}

/** Adds 32 bits or 8 bits of input: `number ^ (input * prime)`. */
function mix(input: number, prime: Prime): void {
  const wasHigh = high;
  const wasLow = low;
  set(0, input);
  multiply(prime);
  xor(wasHigh, wasLow);
}

function set(newHigh: number, newLow: number): void {
  high = newHigh | 0;
  low = newLow | 0;
}

function xor(otherHigh: number, otherLow: number): void {
  high ^= otherHigh;
  low ^= otherLow;
}

function add(otherHigh: number, otherLow: number): void {
  const sum = (low >>> 0) + (otherLow >>> 0);
  high = (high + otherHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
  low = sum | 0;
}

/** Rotates to the left. @param bits from 1 to 31 */
function rotate(bits: number): void {
  const wasHigh = high;
  high = (high << bits) | (low >>> (32 - bits));
  low = (low << bits) | (wasHigh >>> (32 - bits));
}

/** Multiplies, and drops what exceeds 64 bits. The product of the low halves is made of 16-bit pieces. */
function multiply(prime: Prime): void {
  const upper = low >>> 16;
  const lower = low & 0xffff;
  const primeUpper = prime.low >>> 16;
  const primeLower = prime.low & 0xffff;
  const lowest = lower * primeLower;
  const middle = upper * primeLower + (lowest >>> 16);
  const other = lower * primeUpper + (middle & 0xffff);
  const carried = upper * primeUpper + (middle >>> 16) + (other >>> 16);
  high = (carried + Math.imul(high, prime.low) + Math.imul(low, prime.high)) | 0;
  low = (other << 16) | (lowest & 0xffff);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
