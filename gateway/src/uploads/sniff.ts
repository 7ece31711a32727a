/** What a file is, by its first bytes; names and content types say what a client likes. */

/** Bytes that must be there before a file can be told apart. */
export const SNIFF_BYTES = 192;

export type Container = 'mp4' | 'mov' | 'mkv' | 'avi' | 'ts' | 'mpg' | 'flv' | 'wmv' | 'ogv';

/** Boxes that a QuickTime file may begin with, where it has no `ftyp`. */
const QUICKTIME_BOXES: ReadonlySet<string> = new Set(['moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);
/** Still pictures in the same kind of file. */
const PICTURE_BRANDS = /^(heic|heix|heim|heis|mif1|avif)$/;
const TS_PACKET_BYTES = 188;

/** The container, which is also the extension it is kept under; null when the content is no video. */
export function sniffVideo(head: Uint8Array): Container | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  const box = text(4, 8);
  if (box === 'ftyp') {
    const brand = text(8, 12);
    if (PICTURE_BRANDS.test(brand)) return null;
    return brand === 'qt  ' ? 'mov' : 'mp4';
  }
  if (QUICKTIME_BOXES.has(box)) return 'mov';
  if (text(0, 4) === 'RIFF' && text(8, 11) === 'AVI') return 'avi';
  if (text(0, 3) === 'FLV') return 'flv';
  if (text(0, 4) === 'OggS') return 'ogv';
  const start = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  if (start === 0x1a45dfa3) return 'mkv'; // WebM too
  if (start === 0x000001ba) return 'mpg';
  if (start === 0x3026b275) return 'wmv';
  if (bytes[0] === 0x47 && bytes[TS_PACKET_BYTES] === 0x47) return 'ts';
  return null;
}
