/** What can be wrong with bytes from, or a message for, the peer. */
import type { ErrorCode } from './generated/errors.ts';

/** One word per fault, the same in both languages; vectors and the fuzzer compare them. */
export type WireFault =
  | 'BadMagic'
  | 'BadMajor'
  | 'UnknownType'
  | 'ReservedFlags'
  | 'FrameTooLarge'
  | 'FrameTruncated'
  | 'MalformedMeta'
  | 'InvalidMessage'
  | 'NotPlain';

const CODES: Readonly<Partial<Record<WireFault, ErrorCode>>> = {
  BadMajor: 'VERSION_SKEW',
  FrameTooLarge: 'FRAME_TOO_LARGE',
};

/** The peer broke the protocol, or a message cannot be said in it. `code` is the error code to report. */
export class WireError extends Error {
  override name = 'WireError';
  readonly code: ErrorCode;
  readonly fault: WireFault;

  constructor(fault: WireFault, sentence: string) {
    super(sentence);
    this.fault = fault;
    this.code = CODES[fault] ?? 'PROTOCOL_ERROR';
  }
}
