/* Digits: from the last to the first. */
#include "base/digits.h"

const char *digits_of(gint64 number, char room[DIGITS_ROOM])
{
    char *digits = room + DIGITS_ROOM - 1;
    guint64 left = number < 0 ? -(guint64)number : (guint64)number;
    *digits = '\0';
    do
        *--digits = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--digits = '-';
    return digits;
}

char *digits_put(char *at, unsigned number, unsigned count)
{
    for (unsigned i = count; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + count;
}
