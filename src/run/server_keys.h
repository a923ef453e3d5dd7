/* Server keys: which targets are on one server, however their URLs spell it. What counts is what the server
 * said of itself when it was read (PostgreSQL's system identifier, MariaDB's server id, host and port); where
 * that is not known, another target with the same spelling or the same address tells, and at last the address
 * alone. Every address of this machine, its sockets included, is one. Pure but for the names that it looks
 * up. The main thread. */
#pragma once

#include "inventory/fleet.h"

/* What a URL leads to, for comparing only: "postgresql://10.0.0.5:5432"; a name that is not known stays as it
 * is. Caller frees. */
typedef char *(*ServerAddress)(gpointer context, const DbUrl *url);

/* One key (char *, owned by the array) for each of `targets` (const Target *), "" for those without a server.
 * `identities`: what the server of each said, NULL where it is not known; NULL: of none. `address` NULL: the
 * system's resolver. */
GPtrArray *server_keys_new(const GPtrArray *targets, const GPtrArray *identities, ServerAddress address,
                           gpointer context);
/* The same without identities, looked up on a thread: a name may take seconds. Meanwhile `tick` is called
 * about ten times a second; once it has returned false no more names are looked up, and NULL is returned. */
GPtrArray *server_keys_attend(const GPtrArray *targets, ServerAddress address, gpointer context,
                              bool (*tick)(gpointer tick_context), gpointer tick_context);
/* The host as people call it: that of the URL; "localhost" where it says none. Caller frees. */
char *server_host_name(const Target *target);
/* True if any of them counts targets on one server: then keys are needed. `per_host` is the run's. */
bool server_keys_matter(const GPtrArray *targets, unsigned per_host);
