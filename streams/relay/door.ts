/** How the gateway asks the relay for a stream: one line, `secret name`; the relay answers with one byte and then bare FLV, or closes. */
export const ADMITTED = 0x2b;
/** More than a secret and a name never take. */
export const LONGEST_ASK = 200;
