/*
 * clock.h - the two clocks. Wall time is for people, rows and signatures; monotonic time is for
 * durations and deadlines and never steps. Pure code takes the time as an argument instead.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void); /* Unix time, milliseconds */
int64_t clock_mono_ms(void); /* milliseconds since an arbitrary start */
int64_t clock_mono_us(void);

#endif
