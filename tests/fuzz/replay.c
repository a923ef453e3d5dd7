/* Gives every file of the folders (or files) named on the command line to a fuzz target, once, so that what
 * fuzzing found stays found without a fuzzer. Fails if there is no file at all. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The number of files run, or -1 if one could not be read. */
static int replay(const char *path)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    int count = 0;

    if (folder == NULL) {
        if (!g_file_get_contents(path, &data, &size, &error)) {
            fprintf(stderr, "%s\n", error->message);
            return -1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        return 1;
    }
    for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder)) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        int found = replay(file);
        if (found < 0)
            return -1;
        count += found;
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        int found = replay(argv[i]);
        if (found < 0)
            return 1;
        count += found;
    }
    printf("%d passed, 0 failed\n", count);
    return count > 0 ? 0 : 1;
}
