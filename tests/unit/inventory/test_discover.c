/* Discovery: what sources tell becomes targets as data; whatever is less than that is an error. The sources
 * are functions of the test. */
#include "fleet_fixture.h"

#include "inventory/discover_internal.h"

#include <sys/stat.h>

TestSuite(discover, .timeout = 60);

/* What the sources answer, and what they were asked. */
typedef struct Told {
    const char *text;         /* http, exec; NULL: it fails */
    const char *const *names; /* schemas */
    const char *const *columns;
    const char *const *cells; /* rows of them one behind another, as many as `rows` */
    unsigned rows;
    unsigned asked;
    char *source; /* endpoint, user, password and schema that it was asked as */
    char *what;
} Told;

static void note(Told *told, const Target *source, const char *what)
{
    told->asked++;
    g_free(told->source);
    g_free(told->what);
    told->what = g_strdup(what);
    told->source = source == NULL ? NULL
                                  : g_strdup_printf("%s %s %s %s", source->endpoint, source->url->user,
                                                    source->password_reference, source->schema);
}

static GPtrArray *tell_rows(gpointer context, const Target *source, const char *folder, const char *sql,
                            gint64 timeout_ms, char ***columns, GError **error)
{
    (void)folder, (void)error, (void)timeout_ms;
    Told *told = context;
    guint count = g_strv_length((char **)told->columns);
    GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < told->rows; i++)
        g_ptr_array_add(rows, g_memdup2(told->cells + (gsize)i * count, count * sizeof(char *)));
    *columns = g_strdupv((char **)told->columns);
    note(told, source, sql);
    return rows;
}

static char **tell_names(gpointer context, const Target *source, const char *folder, const char *like,
                         const char *const *exclude, gint64 timeout_ms, GError **error)
{
    (void)folder, (void)error, (void)timeout_ms;
    Told *told = context;
    g_autofree char *without = g_strjoinv(",", (char **)exclude);
    g_autofree char *what = g_strdup_printf("%s without %s", like, without);
    note(told, source, what);
    return g_strdupv((char **)told->names);
}

static char *tell_body(gpointer context, const char *url, const char *const *headers, const char *folder,
                       gint64 timeout_ms, GError **error)
{
    (void)folder;
    Told *told = context;
    g_autofree char *all = g_strjoinv(";", (char **)headers);
    g_autofree char *what = g_strdup_printf("%s [%s] %d", url, all, (int)timeout_ms);
    note(told, NULL, what);
    if (told->text == NULL)
        g_set_error(error, G_FILE_ERROR, 0, "no answer");
    return g_strdup(told->text);
}

static char *tell_output(gpointer context, const char *const *command, const char *folder, gint64 timeout_ms,
                         GError **error)
{
    (void)folder, (void)timeout_ms;
    Told *told = context;
    g_autofree char *what = g_strjoinv(" ", (char **)command);
    note(told, NULL, what);
    if (told->text == NULL)
        g_set_error(error, G_FILE_ERROR, 0, "no answer");
    return g_strdup(told->text);
}

static DiscoverySources sources_of(Told *told)
{
    return (DiscoverySources){
        .context = told, .query = tell_rows, .schemas = tell_names, .fetch = tell_body, .exec = tell_output};
}

#define EXEC "discover: [{exec: [./list]}]\n"

/* The problems of an answer to `exec` that must not become a fleet. */
static const char *refused(FleetFixture *f, const char *inventory, const char *answer)
{
    Told told = {.text = answer};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    const char *text = fixture_bad(f, inventory);
    g_free(told.what);
    return text;
}

static const Fleet *taken(FleetFixture *f, const char *inventory, const char *answer)
{
    Told told = {.text = answer};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    const Fleet *fleet = fixture_good(f, inventory);
    g_free(told.what);
    return fleet;
}

/* --- lists --- */

Test(discover, a_list_of_targets_is_taken_as_data)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = taken(
        f,
        "groups:\n  eu:\n    user: migrator\n    password: ${file:pw}\n    labels: {region: eu}\n"
        "    discover: [{exec: [./list], name: \"eu-{name}\"}]\n    groups:\n      paid: {per_host: 3}\n",
        "[{\"name\": \"a b\", \"url\": \"postgresql://h/a{1..3}\", \"schema\": null,\n"
        "  \"labels\": {\"tier\": \"gold\", \"size\": 3, \"none\": null}, \"vars\": {\"x\": 1.10}},\n"
        " {\"name\": \"b\\ud83d\\ude00\", \"url\": \"mysql:\\/\\/other@h2/b\", \"group\": \"paid\",\n"
        "\t\"state\": \"suspended\"}]");
    cr_assert_eq(fleet_length(fleet), 2);
    const Target *a = fleet_find(fleet, "eu-a_b"), *b = fleet_find(fleet, "eu-b😀");
    cr_assert(a != NULL && b != NULL);
    cr_expect_str_eq(a->url->database, "a{1..3}");
    cr_expect_str_eq(a->url->user, "migrator");
    cr_expect_str_eq(a->password_reference, "${file:pw}");
    cr_expect_null(a->schema);
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "tier"), "gold");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "size"), "3");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "region"), "eu");
    cr_expect_null(g_hash_table_lookup(a->labels, "none"));
    cr_expect_str_eq(g_hash_table_lookup(a->vars, "x"), "1.10");
    cr_expect_str_eq(a->discovered, "exec ./list, item 1");
    cr_expect_eq(a->place.line, 6);
    cr_expect_str_eq(b->group->name, "paid");
    cr_expect_str_eq(b->url->user, "other");
    cr_expect_eq(b->settings.per_host, 3);
    cr_expect_eq(b->life, TARGET_SUSPENDED);
}

Test(discover, a_yaml_list_is_as_good)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet =
        taken(f, EXEC, "# ours\n- name: a\n  url: sqlite:a.db\n- {name: b, url: 'sqlite:b.db'}\n");
    expect_text(fixture_names(fleet), "a b");
}

static const struct {
    const char *answer;
    const char *problem;
} BAD_ANSWERS[] = {
    {"", "exec ./list: the answer is empty"},
    {"  \n\t", "the answer is empty"},
    {"<!DOCTYPE html>\n<html>canary</html>",
     "the answer is HTML or XML, not JSON or YAML; it begins <!DOCTYPE html>"},
    {"nothing", "neither a list of targets nor Ansible's --list; it begins nothing"},
    {"[{\"name\": \"a\", \"url\": \"sqlite:a\"}, {\"na",
     "the answer is no JSON or YAML that can be read: line 1"},
    {"[{\"name\": \"a\", \"url\": \"sqlite:a\"}", "the answer is no JSON or YAML that can be read"},
    {"[]", "exec ./list told 0 targets, fewer than min: 1 (min: 0"},
    {"{}", "told 0 targets"},
    {"{\"error\": \"expired\"}", "nor Ansible's --list: 'error' must be a group, not text"},
    {"{\"items\": [{\"name\": \"a\"}]}", "'items'.hosts must be a list of names, not a mapping"},
    {"[7]", "exec ./list, item 1 (7): it is text, not a mapping with name and url"},
    {"[{name: a, url: 'sqlite:a'}, {url: 'sqlite:b'}]", "exec ./list, item 2: it has no name"},
    {"[{name: a}]", "exec ./list, item 1 (a): it has no url"},
    {"[{name: '', url: 'sqlite:a'}]", "it has no name"},
    {"[{name: a, url: null}]", "it has no url"},
    {"[{name: a, url: [x]}]", "url must be text, not a list"},
    {"[{name: a, url: 'sqlite:a', labls: {}}]",
     "item 1 (a): unknown key 'labls' in a target that is found: did you mean 'labels'?"},
    {"[{name: a, url: 'sqlite:a', backup: {command: [rm, canary]}}]", "unknown key 'backup'"},
    {"[{name: a, url: 'sqlite:a', create: true}]", "unknown key 'create'"},
    {"[{name: a, url: 'sqlite:a', password: canary}]", "unknown key 'password'"},
    {"[{name: a, url: 'postgresql://u:${cmd:touch canary}@h/a'}]",
     "a reference ${…} cannot come from a source"},
    {"[{name: a, url: 'sqlite:a', vars: {x: '${file:/etc/canary}'}}]",
     "a reference ${…} cannot come from a source"},
    {"[{name: a, url: 'sqlite:a', labels: {x: [y]}}]", "labels.x must be text, not a list"},
    {"[{name: a, url: 'sqlite:a', group: nowhere}]", "there is no group 'nowhere' in the inventory"},
    {"[{name: a, url: 'sqlite:a', groups: x}]", "groups must be a list of names"},
    {"[{name: a, url: 'oracle://h/a'}]", "item 1 (a):"},
    {"[{name: a, url: 'sqlite:a', state: gone}]", "state must be active, provisioning"},
    {"[{name: a, url: 'sqlite:a'}, {name: a, url: 'sqlite:b'}]",
     "item 2 (a): the target 'a' is defined twice: at inv.yaml:1:12 (exec ./list, item 1) too"},
    {"[{name: a, url: 'sqlite:x'}, {name: b, url: 'sqlite:x'}]", "the targets 'a' and 'b' are one database"},
};

Test(discover, what_is_no_list_of_targets_is_an_error_with_source_and_item)
{
    g_autoptr(FleetFixture) f = fixture_new();
    static const char *const SCHEMES[] = {"postgresql", "mysql", "sqlite", NULL};
    f->options.schemes = SCHEMES;
    for (gsize i = 0; i < G_N_ELEMENTS(BAD_ANSWERS); i++) {
        const char *text = refused(f, EXEC, BAD_ANSWERS[i].answer);
        cr_expect(strstr(text, BAD_ANSWERS[i].problem) != NULL, "%s\nwanted: %s\ngot: %s",
                  BAD_ANSWERS[i].answer, BAD_ANSWERS[i].problem, text);
        cr_expect(g_str_has_prefix(text, "inv.yaml:1:12: error: exec ./list"), "%s", text);
        cr_expect_null(strstr(text, "canary"), "%s", text);
    }
}

Test(discover, a_written_target_of_the_same_name_or_database_is_an_error)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const char *text =
        refused(f, "targets: [{name: a, url: \"sqlite:a.db\"}]\n" EXEC, "[{name: a, url: 'sqlite:b.db'}]");
    expect_holds(text, "inv.yaml:2:12: error: exec ./list, item 1 (a): the target 'a' is defined twice: at "
                       "inv.yaml:1:18 too");
    text = refused(f, "targets: [{name: a, url: \"sqlite:a.db\"}]\n" EXEC, "[{name: b, url: 'sqlite:a.db'}]");
    expect_holds(text, "the targets 'a' and 'b' are one database");
    text = refused(f, EXEC "groups: {eu: {}}\n", "[{name: eu, url: 'sqlite:a.db'}]");
    expect_holds(text, "it is a group's too");
}

Test(discover, ten_bad_items_are_enough_to_see_what_is_wrong)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(GString) answer = g_string_new(NULL);
    for (unsigned i = 0; i < 500; i++)
        g_string_append_printf(answer, "- {name: n%u}\n", i);
    const char *text = refused(f, EXEC, answer->str);
    cr_expect_eq(diagnostics_count(f->problems, DIAGNOSTIC_ERROR), 11);
    expect_holds(text, "only the first 10 with problems are told; 490 more were not looked at");
}

Test(discover, a_source_that_fails_is_an_error_and_never_a_smaller_fleet)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const char *text = refused(f, "targets: [\"sqlite:a.db\"]\n" EXEC, NULL);
    cr_expect_str_eq(text, "inv.yaml:2:12: error: exec ./list: no answer\n");
    text = refused(f, "discover: [{exec: [./list], min: 3}]\n",
                   "[{name: a, url: 'sqlite:a'}, {name: b, url: 'sqlite:b'}]");
    expect_holds(text, "exec ./list told 2 targets, fewer than min: 3");
    const Fleet *fleet = taken(f, "targets: [\"sqlite:a.db\"]\ndiscover: [{exec: [./list], min: 0}]\n", "[]");
    cr_expect_eq(fleet_length(fleet), 1);
}

Test(discover, nothing_is_asked_for_an_inventory_with_errors)
{
    g_autoptr(FleetFixture) f = fixture_new();
    Told told = {.text = "[]"};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    fixture_bad(f, EXEC "targets: [{name: a}]\n");
    cr_expect_eq(told.asked, 0);
}

Test(discover, without_anybody_to_ask_sources_are_counted)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = fixture_good(f, "targets: [\"sqlite:a.db\"]\n"
                                         "discover: [{exec: [./list]}, {http: {url: \"http://h/\"}}]\n");
    cr_expect_eq(fleet_length(fleet), 1);
    cr_expect_eq(fleet_unasked_count(fleet), 2);
}

/* --- sql, schemas, http --- */

Test(discover, rows_are_targets_with_labels_and_variables)
{
    g_autoptr(FleetFixture) f = fixture_new();
    static const char *const COLUMNS[] = {"name", "url", "label_region", "var_plan", "schema", NULL};
    static const char *const CELLS[] = {"a", "postgresql://h/a", "eu", "gold", NULL, /**/
                                        "b", "postgresql://h/b", NULL, "",     "s"};
    Told told = {.columns = COLUMNS, .cells = CELLS, .rows = 2};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    const Fleet *fleet =
        fixture_good(f, "groups: {eu: {user: u, password: \"${env:PW}\", schema: app, discover:\n"
                        "  [{sql: {url: \"postgresql://control/tenants\", query: select 1}}]}}\n");
    const Target *a = fleet_find(fleet, "a"), *b = fleet_find(fleet, "b");
    cr_expect_str_eq(told.source, "postgresql://control:5432/tenants u ${env:PW} (null)");
    cr_expect_str_eq(told.what, "select 1");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "region"), "eu");
    cr_expect_str_eq(a->schema, "app");
    cr_expect_null(g_hash_table_lookup(b->labels, "region"));
    cr_expect_str_eq(g_hash_table_lookup(b->vars, "plan"), "");
    cr_expect_str_eq(b->schema, "s");
    cr_expect_str_eq(b->discovered, "sql postgresql://control:5432/tenants, row 2");
    g_free(told.source);
    g_free(told.what);
}

static const struct {
    const char *columns[6];
    const char *cells[5];
    const char *problem;
} BAD_ROWS[] = {
    {{"name", "url"}, {NULL, "sqlite:a"}, "sql postgresql://c:5432/t, row 1: it has no name"},
    {{"name", "url"}, {"", "sqlite:a"}, "row 1 (): it has no name"},
    {{"name", "url"}, {"a", NULL}, "row 1 (a): it has no url"},
    {{"name", "url"}, {"a", "sqlite:${env:X}"}, "a reference ${…} cannot come from a source"},
    {{"name"}, {"a"}, "the query has no column 'url'"},
    {{"name", "url", "regoin"}, {"a", "sqlite:a", "eu"}, "column 'regoin' is none that a target has"},
    {{"name", "url", "groop"}, {"a", "sqlite:a", "eu"}, "did you mean 'group'"},
    {{"name", "url", "name"}, {"a", "sqlite:a", "b"}, "the query has two columns 'name'"},
    {{"name", "url", "labels"}, {"a", "sqlite:a", "b"}, "column 'labels' is none that a target has"},
    {{"name", "url", "label_"}, {"a", "sqlite:a", "b"}, "column 'label_' is none"},
    {{"name", "url", "password"}, {"a", "sqlite:a", "canary"}, "column 'password' is none"},
};

Test(discover, rows_that_are_no_targets_are_errors)
{
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(BAD_ROWS); i++) {
        Told told = {.columns = BAD_ROWS[i].columns, .cells = BAD_ROWS[i].cells, .rows = 1};
        const DiscoverySources sources = sources_of(&told);
        f->options.sources = &sources;
        const char *text = fixture_bad(f, "discover: [{sql: {url: \"postgresql://c/t\", query: q}}]\n");
        cr_expect(strstr(text, BAD_ROWS[i].problem) != NULL, "wanted: %s\ngot: %s", BAD_ROWS[i].problem,
                  text);
        cr_expect_null(strstr(text, "canary"), "%s", text);
        g_free(told.source);
        g_free(told.what);
    }
}

Test(discover, schemas_are_targets_and_databases_where_there_are_none)
{
    g_autoptr(FleetFixture) f = fixture_new();
    static const char *const NAMES[] = {"shop_1", "Shop 2", NULL};
    static const char *const WITH_SCHEMAS[] = {"postgresql", NULL};
    Told told = {.names = NAMES};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    f->options.schema_schemes = WITH_SCHEMAS;
    const Fleet *fleet =
        fixture_good(f, "discover:\n  - {schemas: {url: \"postgresql://u:${env:PW}@h/shop\", like: shop%, "
                        "exclude: [x, y%]}}\n"
                        "  - {schemas: {url: \"mysql://h\", like: a}, name: \"my-{name}\"}\n");
    expect_text(fixture_names(fleet), "shop_1 Shop_2 my-shop_1 my-Shop_2");
    const Target *shop = fleet_find(fleet, "Shop_2"), *my = fleet_find(fleet, "my-Shop_2");
    cr_expect_str_eq(shop->schema, "Shop 2");
    cr_expect_str_eq(shop->url->database, "shop");
    cr_expect_str_eq(shop->password_reference, "${env:PW}");
    cr_expect_null(my->schema);
    cr_expect_str_eq(my->url->database, "Shop 2");
    cr_expect_str_eq(told.source, "mysql://h:3306/ (null) (null) (null)");
    cr_expect_str_eq(told.what, "a without ");
    g_free(told.source);
    g_free(told.what);
}

Test(discover, http_is_asked_as_written_and_named_without_its_secrets)
{
    g_autoptr(FleetFixture) f = fixture_new();
    Told told = {.text = "[{name: a, url: 'sqlite:a'}]"};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    const Fleet *fleet =
        fixture_good(f, "discover: [{http: {url: \"https://u:canary@cmdb/a@ll?key=canary\", headers: {A: b, "
                        "Authorization: \"Bearer ${env:T}\"}}, timeout: 5s}]\n");
    cr_expect_str_eq(told.what,
                     "https://u:canary@cmdb/a@ll?key=canary [A: b;Authorization: Bearer ${env:T}] 5000");
    cr_expect_str_eq(fleet_at(fleet, 0)->discovered, "http https://cmdb/a@ll, item 1");
    g_free(told.what);
}

/* --- Ansible --- */

Test(discover, ansibles_hosts_are_targets_with_what_their_groups_say)
{
    g_autoptr(FleetFixture) f = fixture_new();
    const Fleet *fleet = taken(
        f, "groups:\n  fleet:\n    discover: [{exec: [./list]}]\n    groups: {eu: {labels: {written: eu}}}\n",
        "{\"_meta\": {\"hostvars\": {\n"
        "  \"a\": {\"ansible_host\": \"10.0.0.1\", \"dbfleet_url\": \"postgresql://h/a\", "
        "\"dbfleet_labels\": {\"size\": \"9\"}},\n"
        "  \"b\": {\"dbfleet_url\": \"postgresql://h/b\", \"dbfleet_user\": \"own\", \"dbfleet_name\": "
        "\"bee\"},\n"
        "  \"c\": {\"dbfleet_url\": \"postgresql://h/c\"}}},\n"
        " \"all\": {\"children\": [\"ungrouped\", \"prod\"], \"vars\": {\"dbfleet_user\": \"everybody\"}},\n"
        " \"prod\": {\"children\": [\"eu\"], \"vars\": {\"dbfleet_user\": \"far\", \"dbfleet_labels\": "
        "{\"size\": 1, \"tier\": \"p\"}}},\n"
        " \"eu\": {\"hosts\": [\"a\", \"b\"], \"vars\": {\"dbfleet_user\": \"near\", \"other\": [1]}, "
        "\"children\": [\"prod\"]},\n"
        " \"old-style\": [\"b\"], \"ungrouped\": {\"hosts\": [\"c\"]}, \"empty\": {}}");
    expect_text(fixture_names(fleet), "a bee c");
    const Target *a = fleet_find(fleet, "a"), *b = fleet_find(fleet, "bee"), *c = fleet_find(fleet, "c");
    cr_expect_str_eq(a->group->name, "eu");
    cr_expect_str_eq(a->url->user, "near");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "size"), "9");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "tier"), "p");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "prod"), "true");
    cr_expect_str_eq(g_hash_table_lookup(a->labels, "written"), "eu");
    cr_expect_null(g_hash_table_lookup(a->labels, "eu"));
    cr_expect_str_eq(b->url->user, "own");
    cr_expect_str_eq(g_hash_table_lookup(b->labels, "old-style"), "true");
    cr_expect_str_eq(c->group->name, "fleet");
    cr_expect_str_eq(c->url->user, "everybody");
    cr_expect_null(g_hash_table_lookup(c->labels, "ungrouped"));
}

static const struct {
    const char *answer;
    const char *problem;
} BAD_ANSIBLE[] = {
    {"{\"eu\": {\"hosts\": [\"a\"]}}", "item 1 (a): it has no url (dbfleet_url)"},
    {"{\"eu\": {\"hosts\": {\"a\": {}}}}", "'eu'.hosts must be a list of names, not a mapping"},
    {"{\"eu\": {\"hosts\": [[1]]}}", "'eu'.hosts must be a list of names, not a list"},
    {"{\"eu\": {\"vars\": 3}}", "'eu'.vars must be a mapping, not text"},
    {"{\"_meta\": {\"hostvars\": []}}", "'_meta'.hostvars must be a mapping, not a list"},
    {"{\"eu\": {\"hosts\": [\"a\"]}, \"_meta\": {\"hostvars\": {\"a\": {\"dbfleet_url\": \"sqlite:a\", "
     "\"dbfleet_urll\": 1}}}}",
     "unknown key 'urll' in a target that is found"},
    {"{\"one\": [\"a\"], \"two\": [\"a\"], \"_meta\": {\"hostvars\": {\"a\": {\"dbfleet_url\": "
     "\"sqlite:a\"}}}}",
     "it is in the groups 'one' and 'two' of the inventory, and neither is below the other"},
    {"{\"eu\": {\"hosts\": [\"a\"], \"vars\": {\"dbfleet_vars\": {\"x\": \"${cmd:canary}\"}}}, "
     "\"_meta\": {\"hostvars\": {\"a\": {\"dbfleet_url\": \"sqlite:a\"}}}}",
     "a reference ${…} cannot come from a source"},
};

Test(discover, ansibles_mistakes_are_told)
{
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(BAD_ANSIBLE); i++) {
        const char *text = refused(f, "groups: {one: {}, two: {}}\n" EXEC, BAD_ANSIBLE[i].answer);
        cr_expect(strstr(text, BAD_ANSIBLE[i].problem) != NULL, "%s\nwanted: %s\ngot: %s",
                  BAD_ANSIBLE[i].answer, BAD_ANSIBLE[i].problem, text);
    }
}

/* --- the cache --- */

#define CACHED "discover: [{exec: [./list], cache: 10min}]\n"
#define MINUTE_US (60 * G_USEC_PER_SEC)

Test(discover, an_answer_is_used_again_within_its_time)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *cache = g_build_filename(f->folder, "kept", NULL);
    Told told = {.text = "[{name: a, url: 'sqlite:a'}]"};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    f->options.cache_folder = cache;
    fixture_good(f, CACHED);
    told.text = "[{name: b, url: 'sqlite:b'}]";
    f->options.now_unix_us += 9 * MINUTE_US;
    expect_text(fixture_names(fixture_good(f, CACHED)), "a");
    cr_expect_eq(told.asked, 1);
    f->options.sources = NULL;
    expect_text(fixture_names(fixture_good(f, CACHED)), "a");
    f->options.sources = &sources;
    f->options.renew = true;
    expect_text(fixture_names(fixture_good(f, CACHED)), "b");
    f->options.renew = false;
    expect_text(fixture_names(fixture_good(f, CACHED)), "b");
    f->options.now_unix_us += 10 * MINUTE_US;
    told.text = NULL;
    expect_holds(fixture_bad(f, CACHED), "exec ./list: no answer");
    f->options.now_unix_us -= 30 * MINUTE_US;
    expect_holds(fixture_bad(f, CACHED),
                 "exec ./list: no answer"); /* kept in the future: a clock was wrong */
    g_free(told.what);
}

/* The one file of the cache; NULL: there is none. Caller frees. */
static char *kept_file(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    const char *name = files != NULL ? g_dir_read_name(files) : NULL;
    return name != NULL ? g_build_filename(folder, name, NULL) : NULL;
}

Test(discover, an_answer_is_kept_for_its_owner_and_not_when_damaged)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *cache = g_build_filename(f->folder, "kept", NULL);
    struct stat status;
    Told told = {.text = "[{name: a, url: 'sqlite:a'}]"};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    f->options.cache_folder = cache;
    fixture_good(f, CACHED);
    g_autofree char *file = kept_file(cache);
    cr_assert(stat(file, &status) == 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    g_autofree char *text = NULL;
    cr_assert(g_file_get_contents(file, &text, NULL, NULL));
    *strstr(text, "\"a\"") = '\'';
    cr_assert(g_file_set_contents(file, text, -1, NULL));
    fixture_good(f, CACHED);
    cr_expect_eq(told.asked, 2);
    fixture_good(f, "discover: [{exec: [./list, more], cache: 10min}]\n");
    cr_expect_eq(told.asked, 3);
    g_free(told.what);
}

Test(discover, bad_answers_and_passwords_are_not_kept)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autofree char *cache = g_build_filename(f->folder, "kept", NULL);
    Told told = {.text = "[{name: a, url: 'postgresql://u:canary@h/a'}]"};
    const DiscoverySources sources = sources_of(&told);
    f->options.sources = &sources;
    f->options.cache_folder = cache;
    fixture_good(f, CACHED);
    expect_holds(f->text, "warning: exec ./list told passwords in its URLs: its answer is not kept (cache)");
    told.text = "[{name: a}]";
    fixture_bad(f, CACHED);
    cr_expect_null(kept_file(cache));
    g_free(told.what);
}

/* --- much --- */

Test(discover, ten_thousand_targets_are_quick)
{
    g_autoptr(FleetFixture) f = fixture_new();
    g_autoptr(GString) answer = g_string_new("[");
    for (unsigned i = 0; i < 10000; i++)
        g_string_append_printf(
            answer, "%s{\"name\": \"t%u\", \"url\": \"postgresql://db%u/t%u\", \"labels\": {\"n\": \"%u\"}}",
            i > 0 ? "," : "", i, i % 20, i, i);
    g_string_append_c(answer, ']');
    gint64 begin = g_get_monotonic_time();
    const Fleet *fleet = taken(f, EXEC, answer->str);
    cr_expect_eq(fleet_length(fleet), 10000);
    cr_expect_lt(g_get_monotonic_time() - begin, 10 * G_USEC_PER_SEC);
}
