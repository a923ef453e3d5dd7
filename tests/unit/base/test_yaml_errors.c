/* YAML that is wrong: every refusal has a place and says what to do; hostile input costs neither time nor
 * memory. */
#include "base/yaml_tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *errors_of(const char *text, gsize length)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_parse(text, length, "t", problems);
    cr_assert_null(tree, "accepted: %.80s", text);
    cr_assert(diagnostics_has_errors(problems), "refused in silence: %.80s", text);
    return diagnostics_to_string(problems);
}

typedef struct ErrorCase {
    const char *text;
    const char *errors; /* all of them */
} ErrorCase;

static void expect_errors(const ErrorCase *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *errors = errors_of(cases[i].text, strlen(cases[i].text));
        cr_expect_str_eq(errors, cases[i].errors, "%s\ngives %s", cases[i].text, errors);
    }
}

Test(yaml_errors, duplicate_keys)
{
    static const ErrorCase CASES[] = {
        {"a: 1\nb: 2\na: 3\n", "t:3:1: error: the key 'a' is here twice: it stands in line 1 already\n"},
        {"a: {x: 1, x: 2, y: 1, y: 2}\na: 3\n",
         "t:1:11: error: the key 'x' is here twice: it stands in line 1 already\n"
         "t:1:23: error: the key 'y' is here twice: it stands in line 1 already\n"
         "t:2:1: error: the key 'a' is here twice: it stands in line 1 already\n"},
        {"a: 1\n'a': 2\n", "t:2:1: error: the key 'a' is here twice: it stands in line 1 already\n"},
        {"<<: {a: 1}\n<<: {b: 1}\n",
         "t:2:1: error: the key '<<' is here twice: it stands in line 1 already\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, keys_that_are_no_text)
{
    static const ErrorCase CASES[] = {
        {"a: {{ tenant }}\n", "t:1:5: error: a key must be text, not a mapping; a value that starts with "
                              "'{{' must be in quotes\n"},
        {"[a]: b\n", "t:1:1: error: a key must be text, not a list\n"},
        {"? {a: 1, a: 2}\n: [c]\n? [b]\n: {d: {}}\n",
         "t:1:3: error: a key must be text, not a mapping; a value that starts with '{{' must be in quotes\n"
         "t:1:10: error: the key 'a' is here twice: it stands in line 1 already\n"
         "t:3:3: error: a key must be text, not a list\n"},
        {"x: &l [1]\n*l : 2\n", "t:2:1: error: a key must be text, not a list\n"},
        {"x: &n\n*n : 2\n", "t:2:1: error: a key must be text, not nothing\n"},
        {"a: {? : 2}\n", "t:1:7: error: the key before the ':' is missing\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, anchors_aliases_and_merges)
{
    static const ErrorCase CASES[] = {
        {"a: &defaults 1\nb: *default\n",
         "t:2:4: error: no anchor '&default' stands before '*default': did you mean '*defaults'?\n"},
        {"a: *x\nb: *y\n",
         "t:1:4: error: no anchor '&x' stands before '*x'; text that starts with '*' must be in quotes\n"
         "t:2:4: error: no anchor '&y' stands before '*y'; text that starts with '*' must be in quotes\n"},
        {"a: &x\n  b: [*x]\n", "t:2:7: error: '*x' stands inside what '&x' names: a cycle\n"},
        {"&x [*x, {a: *x}]", "t:1:5: error: '*x' stands inside what '&x' names: a cycle\n"
                             "t:1:13: error: '*x' stands inside what '&x' names: a cycle\n"},
        {"<<: a\n", "t:1:1: error: '<<' takes a mapping or a list of mappings, and this is text\n"},
        {"<<:\n", "t:1:1: error: '<<' takes a mapping or a list of mappings, and this is nothing\n"},
        {"<<: [{a: 1}, [b]]\n",
         "t:1:1: error: '<<' takes a mapping or a list of mappings, and this is a list\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, tags_and_documents)
{
    static const ErrorCase CASES[] = {
        {"a: !vault x\nb: !!int 5\nc: !!map {}\n",
         "t:1:4: error: the tag '!vault' is not supported: remove it\n"
         "t:2:4: error: the tag 'tag:yaml.org,2002:int' is not supported: remove it\n"
         "t:3:4: error: the tag 'tag:yaml.org,2002:map' is not supported: remove it\n"},
        {"a: 1\n---\nb: 2\n", "t:2:1: error: a second document starts here: one file holds one document\n"},
        {"a: \"x\\0y\"\n", "t:1:4: error: text must not hold a NUL character\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, syntax)
{
    static const ErrorCase CASES[] = {
        {"a: 'never closed\nb: 1\n", "t:1:4: error: the quotes that are opened here are never closed\n"},
        {"a: \"x\n---\n",
         "t:1:4: error: the quotes that are opened here are not closed before '---' or '...'\n"},
        {"a: b: c\n",
         "t:1:5: error: a ':' is not allowed here: check the indentation, and put text that holds ': ' "
         "in quotes\n"},
        {"a: 1\n b: 2\n",
         "t:2:3: error: a ':' is not allowed here: check the indentation, and put text that holds "
         "': ' in quotes\n"},
        {"a:\n  b: 1\n c: 2\n",
         "t:3:2: error: no key of this mapping: check the indentation here and in the line above, and quote "
         "text that goes on after a quote; it starts in line 1\n"},
        {"a: 1\njust text\nb: 2\n",
         "t:2:1: error: this line is neither a key with ':' nor part of the text above it\n"},
        {"a: [b, c\nd: e\n", "t:2:2: error: a ',' or ']' is missing in this list; text that holds [ ] { } or "
                             "',' must be in quotes here; it starts in line 1\n"},
        {"{url: ${env:X}}\n",
         "t:1:8: error: a ',' or '}' is missing in this mapping; text that holds [ ] { } or ',' "
         "must be in quotes here\n"},
        {"{: 2}\n", "t:1:2: error: a key or a value is missing here\n"},
        {"a: [1,,]\n", "t:1:7: error: a key or a value is missing here\n"},
        {"a: @x\n", "t:1:4: error: text must not start with '@': put it in quotes\n"},
        {"a: `x\n", "t:1:4: error: text must not start with '`': put it in quotes\n"},
        {"a: %x\n", "t:1:4: error: text must not start with '%': put it in quotes\n"},
        {"a: \"\\q\"\n", "t:1:5: error: unknown escape in double quotes: double the backslash, or use single "
                         "quotes\n"},
        {"a: - b\n",
         "t:1:4: error: a '-' is not allowed here: start the list in a line of its own and check the "
         "indentation\n"},
        {"a: * x\n", "t:1:4: error: text that starts with '*' or '&' must be in quotes\n"},
        {"a: !x!y z\n", "t:1:4: error: text that starts with '!' must be in quotes\n"},
        {"a: |x\n  b\n",
         "t:1:5: error: only a comment may follow '|' or '>'; put text that starts with them in "
         "quotes\n"},
        {"- a\nb: c\n", "t:2:1: error: no item of this list: items start with '- ' in the same column; check "
                        "the indentation; it starts in line 1\n"},
        {"a: \x01\n",
         "t:1:4: error: the character U+0001 is not allowed in YAML: remove it, or write it as an escape "
         "in double quotes\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, tabs_are_all_reported)
{
    static const ErrorCase CASES[] = {
        {"a:\n\tb: 1\n\tc: 2\nd: 3\n\te: 4\n", "t:2:1: error: a tab is used as indentation: use blanks\n"
                                               "t:3:1: error: a tab is used as indentation: use blanks\n"
                                               "t:5:1: error: a tab is used as indentation: use blanks\n"},
        {"a:\n  \tb: 1\n", "t:2:3: error: a tab is used as indentation: use blanks\n"},
        {"a: |\n\ttext\n", "t:2:1: error: a tab is used as indentation: use blanks\n"},
        {"a:\n  b\n\tc\n", "t:3:1: error: a tab is used as indentation: use blanks\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, what_was_wrong_before_a_syntax_error_is_told_too)
{
    static const ErrorCase CASES[] = {
        {"a: {x: 1, x: 2}\nb: *no\nc: 'open\n",
         "t:1:11: error: the key 'x' is here twice: it stands in line 1 already\n"
         "t:2:4: error: no anchor '&no' stands before '*no'; text that starts with '*' must be in quotes\n"
         "t:3:4: error: the quotes that are opened here are never closed\n"},
    };
    expect_errors(CASES, G_N_ELEMENTS(CASES));
}

Test(yaml_errors, bytes_that_are_no_yaml_text)
{
    static const struct {
        const char *text;
        gsize length;
        const char *errors;
    } CASES[] = {
        {"a: 1\nb: \0x\n", 11, "t:2:4: error: a NUL byte: this is a binary file, not YAML text\n"},
        {"\x7f"
         "ELF\0\0",
         6, "t:1:5: error: a NUL byte: this is a binary file, not YAML text\n"},
        {"ä: \xff\n", 6, "t:1:4: error: byte 0xff is not UTF-8: save the file as UTF-8\n"},
        {"a: b\r\nc\rd\xe4", 10, "t:3:2: error: byte 0xe4 is not UTF-8: save the file as UTF-8\n"},
        {"\xff\xfe"
         "a\0",
         4, "t: error: UTF-16 text: save the file as UTF-8\n"},
        {"\xfe\xff\0a", 4, "t: error: UTF-16 text: save the file as UTF-8\n"},
        {"\0", 1, "t:1:1: error: a NUL byte: this is a binary file, not YAML text\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *errors = errors_of(CASES[i].text, CASES[i].length);
        cr_expect_str_eq(errors, CASES[i].errors, "case %zu gives %s", i, errors);
    }
}

Test(yaml_errors, errors_quote_no_values)
{
    static const char *const CASES[] = {
        "password: 'canary\n",     "password: canary: x\n",    "password: \"\\canary\"\n",
        "- canary\npassword: x\n", "password: {canary\n",      "password: canary\x01\n",
        "password: @canary\n",     "a: [canary]\na: canary\n",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *errors = errors_of(CASES[i], strlen(CASES[i]));
        cr_expect_null(strstr(errors, "canary"), "%s", errors);
    }
}

/* --- hostile size and shape --- */

static char *repeat(const char *start, const char *piece, unsigned times)
{
    GString *text = g_string_new(start);
    for (unsigned i = 0; i < times; i++)
        g_string_append(text, piece);
    return g_string_free(text, FALSE);
}

Test(yaml_errors, nesting_has_an_end)
{
    static const char *const PIECES[] = {"[", "{a: ", "- ", "? "};
    for (gsize i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        g_autofree char *text = repeat("", PIECES[i], 300000);
        gint64 started = clock();
        g_autofree char *errors = errors_of(text, strlen(text));
        cr_expect_not_null(strstr(errors, "nested deeper than 200 levels"), "%s", errors);
        cr_expect_lt(clock() - started, 10 * G_USEC_PER_SEC);
    }
}

Test(yaml_errors, nesting_through_aliases_counts)
{
    g_autoptr(GString) text = g_string_new("a0: &a0 [x]\n");
    for (int i = 1; i < 5000; i++)
        g_string_append_printf(text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    g_autofree char *errors = errors_of(text->str, text->len);
    cr_assert_str_eq(errors, "t:200:7: error: nested deeper than 200 levels\n");
}

Test(yaml_errors, a_billion_laughs_are_refused)
{
    g_autoptr(GString) text = g_string_new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 100; i++)
        g_string_append_printf(text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
                               i - 1);
    g_autofree char *errors = errors_of(text->str, text->len);
    cr_assert_not_null(strstr(errors, "more than 4000000 values, counting what aliases stand for"), "%s",
                       errors);
}

Test(yaml_errors, a_file_of_nothing_but_values_is_refused_before_memory_ends)
{
    g_autofree char *text = repeat("[", "1,", 5000000);
    g_autofree char *errors = errors_of(text, strlen(text));
    cr_assert_not_null(strstr(errors, "more than 4000000 values"), "%s", errors);
}

Test(yaml_errors, a_merge_bomb_is_refused)
{
    g_autoptr(GString) text = g_string_new("a: &a {");
    for (int i = 0; i < 2000; i++)
        g_string_append_printf(text, "k%d: 1, ", i);
    g_string_append(text, "}\n");
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(text, "b%d: {<<: *a}\n", i);
    g_autofree char *errors = errors_of(text->str, text->len);
    cr_assert_str_eq(errors, "t:502:8: error: '<<' has added more than 1000000 entries so far\n");
}

Test(yaml_errors, many_errors_cost_little)
{
    static const char *const PIECES[] = {"a: 1\n", "- *x\n", "- {? : 1}\n", "- !t x\n",
                                         "- {[a]: {[b]: c}}\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        g_autofree char *text = repeat("", PIECES[i], 50000);
        gint64 started = clock();
        g_autofree char *errors = errors_of(text, strlen(text));
        cr_expect_not_null(strstr(errors, "t:2:"));
        cr_expect_lt(clock() - started, 20 * G_USEC_PER_SEC, "%s", PIECES[i]);
    }
}

/* --- files --- */

static char *folder;

static void set_up(void)
{
    folder = g_dir_make_tmp("dbfleet-yaml-XXXXXX", NULL);
    cr_assert_not_null(folder);
}

static void tear_down(void)
{
    (void)g_rmdir(folder);
    g_free(folder);
}

TestSuite(yaml_file, .init = set_up, .fini = tear_down);

static char *load_errors(const char *path)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_load(path, problems);
    cr_assert_null(tree);
    return diagnostics_to_string(problems);
}

static void expect_load_error(const char *path, const char *message)
{
    g_autofree char *errors = load_errors(path);
    g_autofree char *expected = g_strdup_printf("%s: error: %s\n", path, message);
    cr_expect_str_eq(errors, expected);
}

Test(yaml_file, is_loaded)
{
    g_autofree char *path = g_build_filename(folder, "größe.yaml", NULL);
    cr_assert(g_file_set_contents(path, "a: b\n", -1, NULL));
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_load(path, problems);
    cr_assert_not_null(tree);
    const YamlNode *value = yaml_get(yaml_tree_root(tree), "a");
    cr_assert_str_eq(yaml_text(value), "b");
    cr_assert_str_eq(yaml_place(value).file, path);
    g_unlink(path);
}

Test(yaml_file, larger_than_a_read_is_loaded_whole)
{
    g_autofree char *path = g_build_filename(folder, "large.yaml", NULL);
    g_autofree char *content = repeat("", "- 0123456789\n", 100000);
    cr_assert(g_file_set_contents(path, content, -1, NULL));
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(YamlTree) tree = yaml_tree_load(path, problems);
    cr_assert_eq(yaml_length(yaml_tree_root(tree)), 100000);
    g_unlink(path);
}

Test(yaml_file, that_is_missing)
{
    g_autofree char *path = g_build_filename(folder, "none.yaml", NULL);
    expect_load_error(path, "cannot be read: No such file or directory");
}

Test(yaml_file, that_is_a_folder)
{
    expect_load_error(folder, "a folder, where a YAML file is wanted");
}

Test(yaml_file, that_is_a_pipe_or_device_does_not_hang)
{
    g_autofree char *path = g_build_filename(folder, "fifo.yaml", NULL);
    cr_assert_eq(mkfifo(path, 0600), 0);
    alarm(20);
    expect_load_error(path, "not a regular file: write the YAML into a file first");
    expect_load_error("/dev/zero", "not a regular file: write the YAML into a file first");
    alarm(0);
    g_unlink(path);
}

Test(yaml_file, that_may_not_be_read)
{
    g_autofree char *path = g_build_filename(folder, "secret.yaml", NULL);
    cr_assert(g_file_set_contents(path, "a: b\n", -1, NULL));
    cr_assert_eq(chmod(path, 0), 0);
    cr_assert_eq(chmod(folder, 0755), 0);
    bool root = geteuid() == 0;
    if (root)
        cr_assert_eq(seteuid(65534), 0);
    expect_load_error(path, "cannot be read: Permission denied");
    if (root)
        cr_assert_eq(seteuid(0), 0);
    g_unlink(path);
}

Test(yaml_file, that_is_too_large_is_not_read_at_all)
{
    g_autofree char *path = g_build_filename(folder, "huge.yaml", NULL);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(ftruncate(descriptor, (off_t)100 * 1024 * 1024 * 1024), 0); /* a hole */
    close(descriptor);
    expect_load_error(path, "larger than 64 MB: this is no configuration");
    g_unlink(path);
}

Test(yaml_file, whose_size_the_system_does_not_tell)
{
    g_autofree char *errors = load_errors("/proc/self/environ");
    cr_assert_not_null(strstr(errors, "binary file"), "%s", errors);
}

/* --- mutations --- */

static const char SAMPLE[] = "defaults: &d {track: default, lock_timeout: 5s, vars: {a: 'x', b: \"y\\n\"}}\n"
                             "groups:\n"
                             "  eu: &eu\n"
                             "    <<: *d\n"
                             "    labels: {region: eu}\n"
                             "    targets:\n"
                             "      - {name: \"eu-{0001..0400}\", url: \"postgresql://m@db2/eu\"}\n"
                             "      - name: größe\n"
                             "        url: |-\n"
                             "          sqlite:a.db\n"
                             "      - ? name\n"
                             "        : !!str 5\n"
                             "  us: {<<: [*eu, *d], groups: {inner: *eu}}\n";

static void mutate(GRand *random, GString *text)
{
    static const char BYTES[] = "\t\n\r :-?[]{}&*!|>'\"%@`#,<~\\\xff\xEF\x01"
                                "a0\xC3";
    for (int n = g_rand_int_range(random, 1, 6); n > 0 && text->len > 0; n--) {
        gssize at = g_rand_int_range(random, 0, (gint32)text->len);
        gssize length = g_rand_int_range(random, 1, 12);
        length = MIN(length, (gssize)text->len - at);
        switch (g_rand_int_range(random, 0, 5)) {
        case 0:
            text->str[at] = BYTES[g_rand_int_range(random, 0, sizeof BYTES)]; /* NUL too */
            break;
        case 1:
            g_string_erase(text, at, length);
            break;
        case 2:
            g_string_insert_c(text, at, BYTES[g_rand_int_range(random, 0, sizeof BYTES - 1)]);
            break;
        case 3: {
            g_autofree char *piece = g_strndup(text->str + at, (gsize)length);
            g_string_insert(text, g_rand_int_range(random, 0, (gint32)text->len), piece);
            break;
        }
        default:
            g_string_truncate(text, (gsize)at);
        }
    }
}

/* Reads every node with every reader: under a sanitizer this touches all memory of the tree. */
static void walk(const YamlNode *node, Diagnostics *problems)
{
    static const char *const KNOWN[] = {"name", "url", NULL};
    const char *text = NULL;
    bool flag = false;
    unsigned number = 0;
    gint64 duration = 0;
    (void)yaml_as_text(node, "x", &text, problems);
    (void)yaml_as_bool(node, "x", &flag, problems);
    (void)yaml_as_unsigned(node, "x", 1, 5, &number, problems);
    (void)yaml_as_duration(node, "x", &duration, problems);
    (void)yaml_check_keys(node, "x", KNOWN, problems);
    cr_assert_gt(yaml_place(node).line, 0);
    for (unsigned i = 0; i < yaml_length(node); i++) {
        if (yaml_kind(node) == YAML_MAPPING)
            cr_assert_eq(yaml_get(node, yaml_key_at(node, i)), yaml_at(node, i));
        walk(yaml_at(node, i), problems);
    }
}

Test(yaml_errors, mutations_never_crash_and_are_never_refused_in_silence)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(20261122);
    unsigned accepted = 0;
    for (int i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(SAMPLE);
        mutate(random, text);
        g_autoptr(Diagnostics) problems = diagnostics_new();
        g_autoptr(YamlTree) tree = yaml_tree_parse(text->str, text->len, "t", problems);
        cr_assert_eq(tree == NULL, diagnostics_has_errors(problems), "%s", text->str);
        if (tree != NULL) {
            accepted++;
            walk(yaml_tree_root(tree), problems);
        }
        g_autofree char *errors = diagnostics_to_string(problems);
        cr_assert(g_utf8_validate(errors, -1, NULL));
    }
    cr_assert_gt(accepted, 1000, "the mutations are too wild to test trees: %u", accepted);
    cr_assert_lt(accepted, 19000, "the mutations are too tame to test errors: %u", accepted);
}
