/* Progress: the live view of a run on a terminal, and plain lines elsewhere. Draws what it is told: it holds
 * no state of the run but the last picture it drew, so that it can be redrawn in place. Main thread only;
 * writes to stderr. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct ProgressRunning {
    const char *target;
    const char *doing; /* "4b1f0c27a9de add invoices", "connecting" */
    gint64 elapsed_us;
} ProgressRunning;

typedef struct ProgressCount {
    const char *label; /* "done", "failed", "unreachable", … */
    unsigned count;
    char color; /* 'g'reen, 'r'ed, 'y'ellow, 0 none */
} ProgressCount;

typedef struct ProgressPicture {
    const char *title; /* "upgrade" */
    unsigned total;    /* targets in the run */
    unsigned finished;
    const ProgressCount *counts; /* per state, shown if not zero */
    unsigned count_length;
    const ProgressRunning *running; /* longest running first */
    unsigned running_length;
    gint64 elapsed_us;
    double rate;         /* targets a second over the last while; 0: unknown */
    gint64 remaining_us; /* estimate; -1: unknown */
    const char *notice;  /* "draining: waiting for 3 targets (press Ctrl-C again to cancel them)"; NULL */
} ProgressPicture;

typedef struct Progress Progress;

/* `live`: redraw in place (the stream is a terminal); else only lines. */
Progress *progress_new(bool live, bool color);
void progress_free(Progress *self); /* erases the live area */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)
/* Redraws the live area, at most two thirds as high as the terminal; nothing when not live. */
void progress_draw(Progress *self, const ProgressPicture *picture);
/* A line that stays, above the live area. Control characters in it are made visible. */
void progress_line(Progress *self, const char *line);
/* Pure part, for tests: the picture as lines of at most `width` columns, at most `height` lines. Caller
 * frees. */
char *progress_render(const ProgressPicture *picture, unsigned width, unsigned height, bool color);
