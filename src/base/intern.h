/* Interned texts: one copy of each for the whole process, never freed. GLib's own are guarded by locks that
 * ThreadSanitizer does not see, and workers intern. Any thread. */
#pragma once

/* The copy of this text; NULL for NULL. For texts of which a run has few: each stays until the end. */
const char *intern_text(const char *text);
