// segments.ts - placeholder until the real one lands
export const segments = (text: string) => ({ encoding: 'GSM-7' as 'GSM-7' | 'UCS-2', units: text.length, segments: text ? 1 : 0, left: 160 - text.length });
