/* Discovery: asks what lies outside for the targets of an inventory: a database, a web server, a program.
 * Sessions are read-only. Every answer has a time limit; nothing is told of secrets. Main thread. */
#pragma once

#include "inventory/fleet.h"
#include "inventory/secret.h"

/* The functions, with `secrets` resolving references; it outlives them. */
DiscoverySources discovery_sources(SecretStore *secrets);
