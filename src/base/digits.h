/* Digits: numbers as decimal text without printf, where half of what is written is numbers. Pure. */
#pragma once

#include <glib.h>

#define DIGITS_ROOM 24 /* bytes: a sign, 20 digits, a NUL */

/* "-42", in `room`: not at its beginning. */
const char *digits_of(gint64 number, char room[DIGITS_ROOM]);
/* Exactly `count` digits of a number that has no more, zeros before it, without a NUL. Returns the byte
 * behind. */
char *digits_put(char *at, unsigned number, unsigned count);
