/* Page parts: the files in src/report/page/, embedded at build time, and how they become one document that
 * loads nothing. Pure. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The files and what is in them; the last has no name. */
typedef struct PageFile {
    const char *name;
    const char *text;
} PageFile;
extern const PageFile page_files[];

/* One of the files. Caller frees. */
char *page_file_text(const char *name);
/* These files as one script, each seeing what those before it define. Caller frees. */
char *page_script(const char *const *names, gsize count);
/* The Content-Security-Policy of a page with this style and script: nothing may be loaded, run or sent but
 * what the page holds itself; a live page may ask its own server. Caller frees. */
char *page_policy(const char *style, const char *script, bool live);
/* JSON as it may stand in a <script>. Caller frees. */
char *page_data(const char *json);

typedef struct PageFilling {
    const char *mark; /* in the template, between {{ and }} */
    const char *text;
} PageFilling;
/* The template with every mark filled in; the list ends with a row of NULL. Caller frees. */
char *page_fill(const char *template, const PageFilling *fillings);
