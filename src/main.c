/* dbfleet: starts the command line. */
#include "commands/commands.h"

int main(int argc, char **argv)
{
    return dbfleet_main(argc, argv);
}
