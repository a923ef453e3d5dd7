/* The commands of dbfleet: one file each, and the table that lists them. */
#pragma once

/* Reads the command line, runs the command, returns the exit code (docs/reference/exit-codes.md). Main
 * thread, once a process. */
int dbfleet_main(int argc, char **argv);
