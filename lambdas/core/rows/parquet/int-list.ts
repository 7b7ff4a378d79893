/** A growing list of 32-bit integers outside of the JavaScript heap, so that the garbage collector does not copy it. */
export class IntList {
  length = 0;
  #integers = new Int32Array(256);

  push(integer: number): void {
    // `transfer` frees the former memory at once.
    if (this.length === this.#integers.length)
      this.#integers = new Int32Array(this.#integers.buffer.transfer(2 * this.#integers.byteLength));
    this.#integers[this.length] = integer;
    this.length += 1;
  }

  /** 0 if the list has no such index. */
  at(index: number): number {
    return this.#integers[index] ?? 0;
  }

  /** Frees the memory at once, before the garbage collector would. The list is empty after that. */
  free(): void {
    this.#integers = new Int32Array(this.#integers.buffer.transfer(0));
    this.length = 0;
  }

  get all(): Int32Array {
    return this.#integers.subarray(0, this.length);
  }
}
