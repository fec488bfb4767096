// clock.ts - times as people read them, in the venue's zone and the reader's language.
import { computed, signal } from '@preact/signals';
import { language } from './words/words';

/** Now, once a second; nobody has to ask more often. */
export const now = signal(Date.now());
setInterval(() => { now.value = Date.now(); }, 1000);

/** The venue's zone, once it is known. */
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

const format = (options: Intl.DateTimeFormatOptions) =>
  computed(() => new Intl.DateTimeFormat(language.value, { timeZone: zone.value, ...options }));
const timeOfDay = format({ hour: 'numeric', minute: '2-digit' });
const seconds = format({ hour: 'numeric', minute: '2-digit', second: '2-digit' });
const dayAndTime = format({ weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });
const dayOnly = format({ weekday: 'short', month: 'short', day: 'numeric' });

export const timeText = (at: string | number) => timeOfDay.value.format(new Date(at));
export const secondsText = (at: string | number) => seconds.value.format(new Date(at));
export const dayTimeText = (at: string | number) => dayAndTime.value.format(new Date(at));
export const dayText = (at: string | number) => dayOnly.value.format(new Date(at));

/** 2026-11-22, as the day is at the venue. */
export const dayKey = (at: number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone.value }).format(at);

/** 18:30, as the clock is at the venue. */
export const timeKey = (at: number) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone.value, hour: '2-digit', minute: '2-digit' }).format(at);

/** Whole minutes from `at` until `end`; negative afterwards. */
export const minutesBetween = (at: number, end: number) => Math.floor((end - at) / 60_000);

/** The moment that a day and a time of day name in the venue's zone, as RFC 3339. */
export function momentAt(date: string, time: string): string {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let at = wanted;
  for (let i = 0; i < 3; i++) { // where clocks change, the second look settles it
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone.value, dateStyle: 'short', timeStyle: 'short' }).format(at);
    at += wanted - Date.parse(`${shown.replace(' ', 'T')}:00Z`);
  }
  return new Date(at).toISOString();
}
