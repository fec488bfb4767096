// words.ts - what the console says, in the language of whoever reads it.
import { computed, effect } from '@preact/signals';
import { remembered } from '../device';
import { en } from './en';
import { es } from './es';
import { fr } from './fr';

export type Language = 'en' | 'es' | 'fr';
export const languageNames: Record<Language, string> = { en: 'English', es: 'Español', fr: 'Français' };

const known = (tag: string): Language | undefined => {
  const two = tag.slice(0, 2);
  return two in languageNames ? (two as Language) : undefined;
};

/** The browser's, until somebody chooses. */
export const language = remembered<Language>('language',
  navigator.languages.map(known).find((l) => l) ?? 'en');

effect(() => {
  document.documentElement.lang = language.value;
});

const plural = computed(() => new Intl.PluralRules(language.value));

type Values = Record<string, string | number>;

/**
 * Speaks some words in all languages: t('added', { name }) puts {values} in. A phrase that depends on
 * {n} is written "one|many". A page that is loaded later brings its own words.
 */
export function speaker<W extends string>(words: Record<Language, Record<W, string>>) {
  return (word: W, values: Values = {}): string => {
    let phrase = words[language.value][word];
    if (phrase.includes('|')) {
      const [one, many] = phrase.split('|') as [string, string];
      phrase = plural.value.select(Number(values.n)) === 'one' ? one : many;
    }
    return phrase.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  };
}

export type Word = keyof typeof en;
export const t = speaker<Word>({ en, es, fr });

/** The word for a value of the API: state.seated, kind.table_ready; the value itself when there is none. */
export function named(group: string, value: string): string {
  const word = `${group}.${value}`;
  return word in en ? t(word as Word) : value.replaceAll('_', ' ');
}
