#include "dev/dev_servers.h"

G_DEFINE_QUARK(dbfleet - dev - error, dev_error)
