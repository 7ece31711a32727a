/** Colours of people, as in sidecar/overlay/palette.py: one per id, lighter on a body's left, darker on its right. */
export type Side = 'left' | 'middle' | 'right';
export type Colour = readonly [red: number, green: number, blue: number];

/** M. Okabe and K. Ito, "Color Universal Design" (2008), with grey in place of black. */
export const IDENTITY_COLOURS: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [187, 187, 187],
];
export const INK: Colour = [16, 16, 20];
const PAPER: Colour = [255, 255, 255];
const LEFT_WHITE_SHARE = 0.55;
const RIGHT_INK_SHARE = 0.38;

/** Of id 1, 2, 3 …; repeats after eight. */
export function identityColour(id: number): Colour {
  const count = IDENTITY_COLOURS.length;
  return IDENTITY_COLOURS[(((id - 1) % count) + count) % count] as Colour;
}

export function sideColour(colour: Colour, side: Side): Colour {
  if (side === 'left') return blend(colour, PAPER, LEFT_WHITE_SHARE);
  return side === 'right' ? blend(colour, INK, RIGHT_INK_SHARE) : colour;
}

export function css([red, green, blue]: Colour): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** Ink or paper, whichever stands out more (luminance by ITU-R BT.601). */
export function readableOn([red, green, blue]: Colour): Colour {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 120 ? INK : PAPER;
}

function blend(first: Colour, second: Colour, share: number): Colour {
  const mix = (index: 0 | 1 | 2) => Math.round(first[index] + (second[index] - first[index]) * share);
  return [mix(0), mix(1), mix(2)];
}
