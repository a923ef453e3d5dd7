/* What an inventory is refused for: each problem with its place, all of them at once, and no secret in any.
 */
#include "fleet_fixture.h"

#include <sys/stat.h>

typedef struct BadCase {
    const char *text;
    const char *problem; /* a part of the output */
} BadCase;

static const BadCase CASES[] = {
    /* shape */
    {"[]\n", "inv.yaml:1:1: error: an inventory must be a mapping with groups or targets, not a list"},
    {"hello\n", "an inventory must be a mapping with groups or targets, not text"},
    {"groups: [a]\n", "inv.yaml:1:9: error: groups must be a mapping of names to groups, not a list"},
    {"groups: {g: 5}\n", "inv.yaml:1:13: error: group 'g' must be a mapping, not text"},
    {"defaults: 5\n", "inv.yaml:1:11: error: defaults must be a mapping, not text"},
    {"targets: {a: b}\n", "inv.yaml:1:10: error: targets must be a list, not a mapping"},
    {"targets: [[a]]\n",
     "inv.yaml:1:11: error: a target must be a mapping with name and url, or a URL, not a list"},
    {"targets: [{name: a}]\n", "inv.yaml:1:11: error: the target a has no url"},
    {"targets: [{name: [a], url: \"sqlite:a.db\"}]\n", "inv.yaml:1:18: error: name must be text, not a list"},
    {"targets: [{name: a, url: [x]}]\n", "inv.yaml:1:26: error: url must be text, not a list"},
    {"targets: [nonsense]\n", "inv.yaml:1:11: error: not a database URL"},
    {"version: 2\n", "inv.yaml:1:10: error: version '2' of an inventory is not known"},
    {"version: [1]\n", "version must be text, not a list"},
    /* unknown keys */
    {"group: {}\n", "inv.yaml:1:1: error: unknown key 'group' in the inventory: did you mean 'groups'?"},
    {"defaults: {trak: x}\n", "inv.yaml:1:12: error: unknown key 'trak' in defaults: did you mean 'track'?"},
    {"groups: {g: {lables: {}}}\n",
     "inv.yaml:1:14: error: unknown key 'lables' in group 'g': did you mean 'labels'?"},
    {"targets: [{nam: a, url: \"sqlite:a.db\"}]\n", "unknown key 'nam' in a target: did you mean 'name'?"},
    {"defaults: {targets: []}\n", "unknown key 'targets' in defaults"},
    {"defaults: {concurrency: 5}\n", "unknown key 'concurrency' in defaults"},
    {"targets: [{name: a, url: \"sqlite:a.db\", concurrency: 5}]\n", "unknown key 'concurrency' in a target"},
    {"defaults: {quarantine: {util: 2027-01-01}}\n",
     "unknown key 'util' in quarantine: did you mean 'until'?"},
    /* values */
    {"defaults: {per_host: x}\n", "inv.yaml:1:22: error: per_host must be a whole number"},
    {"defaults: {per_host: 0}\n", "per_host must be a whole number from 1 to 100000, not '0'"},
    {"groups: {g: {concurrency: -1}}\n", "inv.yaml:1:27: error: concurrency must be a whole number"},
    {"defaults: {lock_timeout: 5}\n", "inv.yaml:1:26: error: lock_timeout has no unit: write 5ms, 5s"},
    {"defaults: {lock_wait: soon}\n", "lock_wait must be a duration such as"},
    {"defaults: {statement_timeout: 100d}\n", "statement_timeout is longer than 24 days"},
    {"defaults: {retry: 3}\n", "inv.yaml:1:19: error: retry must be written {attempts: 4, initial:"},
    {"defaults: {retry: {atempts: 3}}\n",
     "inv.yaml:1:20: error: unknown key 'atempts' in retry: did you mean 'attempts'?"},
    {"defaults: {retry: {attempts: 0}}\n",
     "inv.yaml:1:30: error: retry.attempts must be a whole number from 1 to 100, not '0'"},
    {"defaults: {retry: {initial: 1}}\n", "inv.yaml:1:29: error: retry.initial has no unit: write 1ms, 1s"},
    {"defaults: {retry: {total: 100d}}\n", "inv.yaml:1:27: error: retry.total is longer than 24 days"},
    {"defaults: {create: maybe}\n", "inv.yaml:1:20: error: create must be true or false, not 'maybe'"},
    {"defaults: {create: \"true\"}\n", "create must be true or false: write true without quotes"},
    {"defaults: {transaction: all}\n", "transaction must be target or step, not 'all'"},
    {"defaults: {pooler: yes}\n", "pooler must be session or none, not 'yes'"},
    {"defaults: {galera: yes}\n", "galera must be single-writer or none, not 'yes'"},
    {"defaults: {state: dead}\n", "state must be active, provisioning, suspended or retired, not 'dead'"},
    {"defaults: {state: quarantined}\n", "state must be active"},
    {"defaults: {quarantine: yes}\n", "quarantine must be written {until: DATE, reason: …}"},
    {"defaults: {quarantine: {reason: x}}\n", "quarantine has no 'until'"},
    {"defaults: {quarantine: {until: tomorrow}}\n", "until must be a date such as 2026-11-22"},
    {"defaults: {labels: [a]}\n", "labels must be a mapping of names to values, not a list"},
    {"defaults: {vars: {a: [1]}}\n", "vars.a must be text, not a list"},
    {"defaults: {labels: {\"a=b\": c}}\n", "a name in labels is empty or holds '='"},
    {"defaults: {labels: {a: \"${env:X}\"}}\n", "labels.a cannot be a reference"},
    {"defaults: {vars: {a: \"${evn:X}\"}}\n", "inv.yaml:1:22: error: ${evn} is no reference"},
    {"defaults: {password: \"${HOME}\"}\n", "${HOME} is no reference: write ${env:NAME}"},
    {"defaults: {password: \"${env:}\"}\n", "${env:} is empty"},
    {"defaults: {password: \"${env:X\"}\n", "is not closed with }"},
    {"defaults: {password: \"${cmd:x|ttl=soon}\"}\n", "the lifetime 'soon' of a command is no duration"},
    {"defaults: {schema: \"\"}\n", "schema is empty: leave the key out instead"},
    /* backup */
    {"defaults: {backup: auto}\n",
     "inv.yaml:1:20: error: backup must be written {folder: PATH, method: auto, …}"},
    {"defaults: {backup: {foldr: x}}\n",
     "inv.yaml:1:21: error: unknown key 'foldr' in backup: did you mean 'folder'?"},
    {"defaults: {backup: {method: tar}}\n",
     "inv.yaml:1:29: error: backup.method must be auto, command or none, not 'tar'"},
    {"defaults: {backup: {method: command}}\n",
     "inv.yaml:1:29: error: backup.method is command, but there is no backup.command"},
    {"defaults: {backup: {method: auto, command: [x]}}\n",
     "inv.yaml:1:44: error: backup.command is not used with method: auto"},
    {"defaults: {backup: {command: x}}\n",
     "inv.yaml:1:30: error: backup.command must be a list, the program first"},
    {"defaults: {backup: {command: []}}\n", "backup.command must be a list, the program first"},
    {"defaults: {backup: {command: [x, [y]]}}\n", "an argument of backup.command"},
    {"defaults: {backup: {retention: 0}}\n", "inv.yaml:1:32: error: backup.retention"},
    {"defaults: {backup: {retention: soon}}\n",
     "inv.yaml:1:32: error: backup.retention must be a number of files such as 7, or an age such as 14d"},
    {"defaults: {backup: {timeout: 30d}}\n", "backup.timeout is longer than 24 days"},
    {"defaults: {backup: {folder: \"\"}}\n", "backup.folder is empty"},
    /* names */
    {"targets: [{name: \"a:b\", url: \"sqlite:a.db\"}]\n",
     "inv.yaml:1:18: error: the target name 'a:b' holds ':'"},
    {"targets: [{name: \"a[1:3]\", url: \"sqlite:a.db\"}]\n", "a range is written {1..3}"},
    {"targets: [{name: \"a b\", url: \"sqlite:a.db\"}]\n", "the target name 'a b' holds ' '"},
    {"targets: [{name: \"\", url: \"sqlite:a.db\"}]\n", "the name of a target is empty"},
    {"targets: [{name: all, url: \"sqlite:a.db\"}]\n", "a target cannot be named all"},
    {"groups: {\"a*\": {}}\n", "inv.yaml:1:10: error: the group name 'a*' holds '*'"},
    {"groups: {all: {}}\n", "a group cannot be named all"},
    /* twice */
    {"targets:\n  - {name: a, url: \"sqlite:a.db\"}\n  - {name: a, url: \"sqlite:b.db\"}\n",
     "inv.yaml:3:12: error: the target 'a' is defined twice: at inv.yaml:2:12 too"},
    {"targets:\n  - {name: a, url: \"sqlite:x.db\"}\n  - {name: b, url: \"sqlite:./y/../x.db\"}\n",
     "inv.yaml:3:12: error: the targets 'a' and 'b' are one database"},
    {"targets:\n  - {name: a, url: \"postgresql://u@h/x\"}\n  - {name: b, url: \"postgres://v@h:5432/x\"}\n",
     "are one database, postgresql://h:5432/x, on track default: the other is at inv.yaml:2:12"},
    {"groups: {a: {groups: {b: {}}}, b: {}}\n", "inv.yaml:1:32: error: the group 'b' is defined twice"},
    {"groups: {a: {groups: {a: {}}}}\n", "the group 'a' is defined twice: it stands at inv.yaml:1:10"},
    {"groups: {a: {}}\ntargets: [{name: a, url: \"sqlite:x.db\"}]\n",
     "it is a group's too, at inv.yaml:1:10"},
    {"groups: {a: {}, a: {}}\n", "inv.yaml:1:17: error:"},
    /* ranges */
    {"targets: [{name: \"a{3..1}\", url: \"sqlite:x.db\"}]\n", "inv.yaml:1:18: error: bad range {3..1}"},
    {"targets: [{name: \"a{1..3}\", url: \"sqlite:{1..2}.db\"}]\n",
     "inv.yaml:1:34: error: the range {1..2} has 2 values"},
    {"targets: [{name: a, url: \"sqlite:{1..2}.db\"}]\n",
     "a range of this target is not in its name, so that 2 targets"},
    {"targets: [{name: \"a{1..2}\", url: \"sqlite:{1..2}{b:1..2}.db\"}]\n",
     "so that 4 targets would have one name"},
    {"targets: [{name: \"a{1..2}\", url: \"sqlite:x.db\"}]\n", "the targets 'a1' and 'a2' are one database"},
    {"targets: [{name: \"a{1..100001}\", url: \"sqlite:{1..100001}.db\"}]\n",
     "makes more than 100000 targets"},
    {"targets:\n  - \"sqlite:a{1..60000}.db\"\n  - \"sqlite:b{1..60000}.db\"\n", "more than 100000 targets"},
    /* discovery */
    {"discover: [{sql: {url: x}}]\n", "inv.yaml:1:18: error: sql has no 'query': write {url: …, query:"},
    {"discover: [{schemas: {}}]\n", "schemas has no 'like': write {url: …, like: \"tenant_%\"}"},
    {"discover: [{http: {}}]\n", "http has no 'url'"},
    {"discover: [{exec: x}]\n", "exec must be a list of a program and its arguments"},
    {"discover: [{exec: []}]\n", "exec must be a list of a program and its arguments"},
    {"discover: [{sql: x}]\n",
     "sql must be written {url: …, query: \"select name, url from …\"}, not as text"},
    {"discover: [{sql: {url: \"postgresql://h/a\", query: q, lik: x}}]\n", "unknown key 'lik' in sql"},
    {"discover: [{sql: {url: \"postgresql://h/a\", query: \"\"}}]\n", "query is empty"},
    {"discover: [{sql: {url: x, query: q}}]\n", "not a database URL"},
    {"discover: [{sql: {url: \"${cmd:echo canary}\", query: q}}]\n",
     "${cmd:…} can stand only for the password, not for a whole URL"},
    {"discover: [{schemas: {url: \"sqlite:a.db\", like: x}}]\n", "a SQLite database has no schemas"},
    {"discover: [{schemas: {url: \"postgresql://h/a\", like: x, exclude: [{}]}}]\n", "exclude must be text"},
    {"discover: [{http: {url: \"ftp://h\"}}]\n", "must begin with http:// or https://"},
    {"discover: [{http: {url: \"http://h\", headers: [a]}}]\n", "headers must be a mapping"},
    {"discover: [{http: {url: \"http://h\", headers: {\"A B\": c}}}]\n",
     "'A B' is no header that can be sent"},
    {"discover: [{http: {url: \"http://h\", headers: {A: \"b\\nC: d\"}}}]\n",
     "'A' is no header that can be sent"},
    {"discover: [{http: {url: \"http://h\", headers: {A: \"${env:\"}}}]\n", "inv.yaml:1:50: error:"},
    {"discover: [{exec: [x], sqlite: \"*.db\"}]\n", "has 'sqlite' and 'exec': make two items of them"},
    {"discover: [{exec: [x], cache: 0s}]\n", "cache must be more than nothing and at most 7d"},
    {"discover: [{exec: [x], cache: 8d}]\n", "cache must be more than nothing and at most 7d"},
    {"discover: [{exec: [x], timeout: 2h}]\n", "timeout must be more than nothing and at most 1h"},
    {"discover: [{exec: [x], min: -1}]\n", "min must be"},
    {"discover: [{sqlite: \"*.db\", cache: 1min}]\n", "cache says nothing to sqlite"},
    {"discover: [{sqlit: x}]\n", "unknown key 'sqlit' in discover: did you mean 'sqlite'?"},
    {"discover: [{}]\n", "this item of discover says nowhere to look"},
    {"discover: [\"*.db\"]\n", "an item of discover must be written {sqlite: \"folder/*.db\"}, not text"},
    {"discover: [{sqlite: \"*.db\", name: x}]\n", "inv.yaml:1:35: error: this name has no {name} in it"},
    {"discover: [{sqlite: \"nowhere/*.db\"}]\n", "does not exist or cannot be read"},
    /* passwords and references */
    {"targets: [{name: a, url: \"postgresql://u:canary@h/a\", password: canary}]\n",
     "the URL of this target has a password already"},
    {"targets: [{name: a, url: \"${cmd:echo canary}\"}]\n",
     "${cmd:…} can stand only for the password, not for a whole URL"},
    {"targets: [{name: a, url: \"postgresql://${cmd:who}@h/a\"}]\n",
     "only for the password, not for the user"},
    {"targets: [{name: a, url: \"postgresql://h/a?sslpassword=${env:X}\"}]\n",
     "a reference cannot stand for the URL parameter 'sslpassword'"},
    {"targets: [{name: a, url: \"postgresql://u:can@ary@h/a\"}]\n", "not a database URL: more than one '@'"},
};

Test(fleet_errors, every_problem_has_its_place_and_its_words)
{
    g_autoptr(FleetFixture) f = fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *text = fixture_bad(f, CASES[i].text);
        cr_expect(strstr(text, CASES[i].problem) != NULL, "%s\nwanted: %s\ngot: %s", CASES[i].text,
                  CASES[i].problem, text);
        cr_expect_null(strstr(text, "canary"), "a secret in %s", text);
    }
}

Test(fleet_errors, all_problems_come_in_one_go)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "a.yaml",
                  "groups:\n  eu:\n    per_host: x\n    lable: {}\n    targets:\n"
                  "      - {name: one}\n      - {name: two, url: \"sqlite:two.db\"}\n");
    fixture_write(f, "b.yaml", "groups: {us: {targets: [{name: two, url: \"sqlite:other.db\"}]}}\n");
    fixture_write(f, "c.yaml", "\tbad\n");
    cr_assert_null(fixture_load(f, NULL));
    expect_holds(f->text, "a.yaml:3:15: error: per_host");
    expect_holds(f->text, "a.yaml:4:5: error: unknown key 'lable'");
    expect_holds(f->text, "a.yaml:6:9: error: the target one has no url");
    expect_holds(f->text, "b.yaml:1:32: error: the target 'two' is defined twice: at a.yaml:7:16 too");
    expect_holds(f->text, "c.yaml:1:1: error:");
}

Test(fleet_errors, overlapping_ranges_are_told_once)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_bad(f, "targets:\n  - {name: \"a{1..50}\", url: \"sqlite:a{1..50}.db\"}\n"
                   "  - {name: \"a{20..60}\", url: \"sqlite:b{20..60}.db\"}\n");
    cr_expect_eq(diagnostics_count(f->problems, DIAGNOSTIC_ERROR), 1, "%s", f->text);
    fixture_bad(f, "targets: [{name: \"a{1..50}\", url: \"nonsense{1..50}\"}]\n");
    cr_expect_eq(diagnostics_count(f->problems, DIAGNOSTIC_ERROR), 1, "%s", f->text);
}

Test(fleet_errors, files_of_a_folder_must_agree)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "a.yaml",
                  "defaults: {lock_wait: 1s, vars: {x: 1, y: 1}, retry: {attempts: 2, total: 1s}}\n"
                  "groups: {eu: {concurrency: 2, per_host: 1, quarantine: {until: 2027-01-01}}}\n");
    fixture_write(f, "b.yaml",
                  "defaults: {lock_wait: 2s, vars: {x: 2, y: 1}, retry: {attempts: 3, initial: 1s}}\n"
                  "groups: {eu: {concurrency: 3, per_host: 1}}\n");
    cr_assert_null(fixture_load(f, NULL));
    cr_expect_eq(diagnostics_count(f->problems, DIAGNOSTIC_ERROR), 4, "%s", f->text);
    expect_holds(f->text, "b.yaml:1:65: error: defaults has another retry.attempts at a.yaml:1:65");
    expect_holds(f->text,
                 "b.yaml:1:23: error: defaults has another lock_wait at a.yaml:1:23: keep one of the two");
    expect_holds(f->text, "b.yaml:1:37: error: defaults has another vars.x at a.yaml:1:37");
    expect_holds(f->text, "b.yaml:2:28: error: group 'eu' has another concurrency at a.yaml:2:28");
}

Test(fleet_errors, a_group_of_two_files_stays_below_one_parent)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_write(f, "a.yaml", "groups: {eu: {groups: {beta: {}}}}\n");
    fixture_write(f, "b.yaml", "groups: {beta: {}}\n");
    cr_assert_null(fixture_load(f, NULL));
    expect_holds(f->text,
                 "b.yaml:1:10: error: the group 'beta' is defined twice: it stands at a.yaml:1:24 too");
}

Test(fleet_errors, known_tracks_schemes_and_tables_are_kept_to)
{
    static const char *const TRACKS[] = {"default", "audit", NULL}, *const TABLES[] = {"v", "v", NULL};
    static const char *const SCHEMES[] = {"sqlite", "postgresql", NULL}, *const WITH_SCHEMAS[] = {
                                                                             "postgresql", NULL};
    g_autoptr(FleetFixture) f = fixture_new();
    f->options.tracks = TRACKS;
    f->options.track_tables = TABLES;
    f->options.schemes = SCHEMES;
    f->options.schema_schemes = WITH_SCHEMAS;
    fixture_good(f, "targets: [{name: a, url: \"postgresql://h/a\", track: audit, schema: s}]\n");
    expect_holds(fixture_bad(f, "defaults: {track: audti}\n"),
                 "inv.yaml:1:19: error: no track 'audti' in dbfleet.yaml: did you mean audit");
    expect_holds(fixture_bad(f, "targets: [{name: a, url: \"mysql://h/a\"}]\n"),
                 "inv.yaml:1:26: error: this dbfleet was built without a driver for mysql");
    expect_holds(fixture_bad(f, "targets: [{name: a, url: \"sqlite:a.db\", schema: s}]\n"),
                 "inv.yaml:1:49: error: the schema 's' says nothing to a sqlite database");
    expect_holds(
        fixture_bad(
            f, "targets: [{name: a, url: \"sqlite:x.db\"}, {name: b, url: \"sqlite:x.db\", track: audit}]\n"),
        "their tracks default and audit have one version table");
    f->options.track_tables = NULL;
    fixture_good(
        f, "targets: [{name: a, url: \"sqlite:x.db\"}, {name: b, url: \"sqlite:x.db\", track: audit}]\n");
}

Test(fleet_errors, one_database_may_hold_two_schemas)
{
    g_autoptr(FleetFixture) f = fixture_new();
    fixture_good(f, "targets: [{name: a, url: \"postgresql://h/x\", schema: s1}, {name: b, url: "
                    "\"postgresql://h/x\", schema: "
                    "s2}]\n");
    fixture_bad(f, "targets: [{name: a, url: \"postgresql://h/x\", schema: s1}, {name: b, url: "
                   "\"postgresql://h/x\", schema: "
                   "s1}]\n");
    expect_holds(f->text, "are one database, postgresql://h:5432/x#s1");
}

Test(fleet_errors, files_that_are_not_there)
{
    g_autoptr(FleetFixture) f = fixture_new();
    cr_assert_null(fixture_load(f, "missing.yaml"));
    expect_holds(f->text, "missing.yaml: error: cannot be read: No such file");
    cr_assert_null(fixture_load(f, NULL));
    expect_holds(f->text, "error: no *.yaml or *.yml file in the inventory folder");
}

Test(fleet_errors, hostile_files_are_refused)
{
    g_autoptr(FleetFixture) f = fixture_new();
    static const char *const TEXTS[] = {"a: &a [*a]\n",
                                        "targets: &t [*t]\n",
                                        "groups: &g {a: {groups: *g}}\n",
                                        "{",
                                        "\x01",
                                        "targets: [{name: \"\\u0007\", url: \"sqlite:x.db\"}]\n",
                                        "? [a]\n: b\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        cr_expect(*fixture_bad(f, TEXTS[i]) != '\0');
}
