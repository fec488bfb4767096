// segments.ts - how a text is cut into SMS segments, while it is typed: as providers/segment.c counts them.

// The basic alphabet beyond ASCII, and its extension. Source: 3GPP TS 23.038, section 6.2.1.
const BASIC = new Set('£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà');
const EXTENSION = new Set('\f[\\]^{|}~€');

export interface Segments {
  encoding: 'GSM-7' | 'UCS-2';
  units: number; // septets, or UTF-16 units
  segments: number; // at least 1
  left: number; // units until one more begins
}

/** 1 in the basic alphabet, 2 in its extension, 0 in neither. */
function septets(c: string): number {
  if (EXTENSION.has(c)) return 2;
  return /^[\n\r -_a-~]$/.test(c) || BASIC.has(c) ? 1 : 0;
}

/** Segments are filled one after the other: what does not fit whole goes to the next. */
export function segments(text: string): Segments {
  const characters = [...text]; // a surrogate pair is one
  const gsm = characters.every((c) => septets(c) > 0);
  const [alone, part] = gsm ? [160, 153] as const : [70, 67] as const;
  let units = 0, parts = 1, used = 0;
  for (const c of characters) {
    const n = gsm ? septets(c) : c.length;
    if (used + n > part) {
      parts++;
      used = 0;
    }
    used += n;
    units += n;
  }
  const encoding = gsm ? 'GSM-7' : 'UCS-2';
  return units <= alone ? { encoding, units, segments: 1, left: alone - units }
    : { encoding, units, segments: parts, left: part - used };
}
