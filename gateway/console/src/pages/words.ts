// words.ts - what the pages beside the board say; it is loaded with the first of them.
import { speaker } from '../words/words';
import { en } from './words/en';
import { es } from './words/es';
import { fr } from './words/fr';

export type PageWord = keyof typeof en;
export const w = speaker<PageWord>({ en, es, fr });

/** The word for a value of the API, like role.host; the value itself when there is none. */
export function called(group: string, value: string): string {
  const word = `${group}.${value}`;
  return word in en ? w(word as PageWord) : value.replaceAll('_', ' ');
}
