/** A value that shows itself nowhere by accident: not in a log, a JSON document, an error or an inspection. */
import { inspect } from 'node:util';

const SEALED = '[sealed]';

export class Secret {
  readonly #value: string;
  constructor(value: string) { this.#value = value; }
  /** Called in rtspAuth only. */
  open(): string { return this.#value; }
  equals(other: Secret | null): boolean { return other !== null && other.#value === this.#value; }
  toString(): string { return SEALED; }
  toJSON(): string { return SEALED; }
  [inspect.custom](): string { return SEALED; }
}
