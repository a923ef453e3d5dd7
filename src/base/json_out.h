/* JSON out: a streaming writer, so that a report on 10,000 targets needs no tree. Built on GString; strings
 * are escaped by jansson, and invalid UTF-8 (server messages can hold any byte) is replaced first. Commas,
 * indentation and nesting are the writer's business; calling end without begin is a programming error. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct JsonOut JsonOut;

/* indent: spaces a level, 0 for one line. */
JsonOut *json_out_new(unsigned indent);
void json_out_free(JsonOut *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonOut, json_out_free)

/* `key` is NULL inside an array and at the top, a name inside an object. */
void json_out_begin_object(JsonOut *self, const char *key);
void json_out_end_object(JsonOut *self);
void json_out_begin_array(JsonOut *self, const char *key);
void json_out_end_array(JsonOut *self);
void json_out_string(JsonOut *self, const char *key, const char *value); /* NULL value: null */
void json_out_int(JsonOut *self, const char *key, gint64 value);
void json_out_double(JsonOut *self, const char *key, double value); /* three decimals; not finite: null */
void json_out_bool(JsonOut *self, const char *key, bool value);
void json_out_null(JsonOut *self, const char *key);
/* An array of strings from a NULL-terminated list (NULL: an empty array). */
void json_out_strings(JsonOut *self, const char *key, const char *const *values);

/* The text so far, with a final newline once the top value is closed. Caller frees; the writer is empty
 * after. */
char *json_out_steal(JsonOut *self);
