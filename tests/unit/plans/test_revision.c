/* Revision files: headers, sections, refusals with their places, folders. */
#include "plans/revision.h"

#include <criterion/criterion.h>
#include <string.h>

static Revision *parse_as(const char *text, const char *path, const char *previous, Diagnostics *problems)
{
    return revision_parse(text, strlen(text), path, previous, problems);
}

/* Parses what must be right. */
static Revision *parse_good(const char *text)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Revision *revision = parse_as(text, "versions/a1_test.sql", NULL, problems);
    g_autofree char *told = diagnostics_to_string(problems);

    cr_assert_not_null(revision, "%s", told);
    return revision;
}

/* All that is said about a text that must be wrong. */
static char *faults_of_bytes(const char *text, gsize length)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision = revision_parse(text, length, "f.sql", NULL, problems);

    cr_assert_null(revision);
    cr_assert(diagnostics_has_errors(problems));
    return diagnostics_to_string(problems);
}

static void expect_fault(const char *text, const char *wanted)
{
    g_autofree char *told = faults_of_bytes(text, strlen(text));

    cr_expect(strstr(told, wanted), "wanted: %s\ntold: %s", wanted, told);
}

static void expect_list(char **list, const char *joined)
{
    g_autofree char *text = g_strjoinv("|", list);

    cr_expect_str_eq(text, joined);
}

static const Section *section_at(const Revision *revision, unsigned index)
{
    return g_ptr_array_index(revision->sections, index);
}

TestSuite(revision_headers);

Test(revision_headers, every_field_is_read)
{
    g_autoptr(Revision) revision = parse_good("-- revision: 4b1f0c27a9de\n"
                                              "-- revises: 9c2e77aa01b3, 11aa22bb\n"
                                              "-- depends-on: billing 77aa\n"
                                              "-- labels: shop,  eu\n"
                                              "-- message: add invoices, and more: all of it  \n"
                                              "-- created: 2026-11-22T16:40:00Z\n"
                                              "\n-- migrate:up\nselect 1;\n");

    cr_expect_str_eq(revision->id, "4b1f0c27a9de");
    expect_list(revision->revises, "9c2e77aa01b3|11aa22bb");
    expect_list(revision->depends_on, "billing|77aa");
    expect_list(revision->labels, "shop|eu");
    cr_expect_str_eq(revision->message, "add invoices, and more: all of it");
    cr_expect_str_eq(revision->created, "2026-11-22T16:40:00Z");
    cr_expect_str_eq(revision->file, "versions/a1_test.sql");
    cr_expect_eq(revision->places.revises.line, 2);
    cr_expect_eq(revision->places.revises.column, 13);
}

Test(revision_headers, absent_and_empty_fields_are_empty)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- revises:\n-- migrate:up\n");

    cr_expect_eq(g_strv_length(revision->revises), 0);
    cr_expect_eq(g_strv_length(revision->depends_on), 0);
    cr_expect_eq(g_strv_length(revision->labels), 0);
    cr_expect_str_eq(revision->message, "");
    cr_expect_null(revision->created);
}

Test(revision_headers, other_comments_and_blank_lines_are_passed_over)
{
    g_autoptr(Revision) revision = parse_good("/* Copyright: somebody\n   create table no; */ -- really\n"
                                              "-- author: bob\n--\n--- rule ---\n   \n  -- indented: note\n"
                                              "-- revision: a1\n-- migrate:up\n");

    cr_expect_str_eq(revision->id, "a1");
}

Test(revision_headers, below_the_first_marker_a_header_is_sql)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- migrate:up\n-- message: not one\n");

    cr_expect_str_eq(revision->message, "");
    cr_expect_str_eq(section_at(revision, 0)->text, "-- message: not one\n");
}

Test(revision_headers, a_header_twice_is_refused_naming_the_first)
{
    expect_fault("-- revision: a1\n-- revises: b2\n-- revises: c3\n-- migrate:up\n",
                 "f.sql:3:4: error: header \"revises\" is there already, in line 2");
}

Test(revision_headers, a_misspelt_header_is_refused)
{
    expect_fault("-- revision: a1\n-- Revises: b2\n-- migrate:up\n",
                 "f.sql:2:4: error: header \"Revises\" is unknown; did you mean \"revises\"?");
    expect_fault("-- revision: a1\n-- depends_on: b2\n-- migrate:up\n", "did you mean \"depends-on\"?");
    expect_fault("-- revison: a1\n-- migrate:up\n", "did you mean \"revision\"?");
}

Test(revision_headers, illegal_ids_and_labels_are_refused)
{
    static const char *const BAD[] = {"a@b",  "a-b",   "a+b",  "a:b",     "a,b", "a b",
                                      "head", "heads", "base", "current", ""};

    for (unsigned i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autofree char *text = g_strdup_printf("-- revision: %s\n-- migrate:up\n", BAD[i]);
        g_autofree char *wanted = g_strdup_printf("f.sql:1:14: error: revision id \"%s\"", BAD[i]);
        expect_fault(text, wanted);
    }
    expect_fault("-- revision: a1\n-- labels: ok heads\n-- migrate:up\n",
                 "f.sql:2:12: error: label \"heads\"");
}

Test(revision_headers, an_id_may_have_64_characters_and_no_more)
{
    g_autofree char *most = g_strnfill(64, 'x');
    g_autofree char *good = g_strdup_printf("-- revision: %s\n-- migrate:up\n", most);
    g_autofree char *bad = g_strdup_printf("-- revision: %sx\n-- migrate:up\n", most);
    g_autoptr(Revision) revision = parse_good(good);

    cr_expect_eq(strlen(revision->id), 64);

    expect_fault(bad, "is longer than 64 characters");
}

TestSuite(revision_sections);

Test(revision_sections, text_is_kept_as_written_with_its_place)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up\n\ncreate table t (a int);\n-- end\n"
                   "-- migrate:down\ndrop table t;");
    const Section *up = section_at(revision, 0);
    const Section *down = section_at(revision, 1);

    cr_expect_str_eq(up->text, "\ncreate table t (a int);\n-- end\n");
    cr_expect_eq(up->length, strlen(up->text));
    cr_expect_eq(up->place.line, 3);
    cr_expect_eq(up->place.column, 1);
    cr_expect_str_eq(up->place.file, "versions/a1_test.sql");
    cr_expect_str_eq(down->text, "drop table t;");
    cr_expect_eq(down->kind, SECTION_DOWN);
    cr_expect(up->any_dialect && up->transaction && !up->foreign_keys_off);
}

Test(revision_sections, checksum_is_sha256_of_the_text)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- migrate:up\nabc");

    cr_expect_str_eq(section_at(revision, 0)->checksum,
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(revision_sections, line_ends_and_byte_order_mark_do_not_count)
{
    g_autoptr(Revision) unix_ends = parse_good("-- revision: a1\n-- labels: l\n-- migrate:up\nselect\n1;\n");
    g_autoptr(Revision) dos_ends =
        parse_good("\xef\xbb\xbf-- revision: a1\r\n-- labels: l\r\n-- migrate:up\r\nselect\r\n1;\r\n");

    cr_expect_str_eq(dos_ends->id, "a1");
    expect_list(dos_ends->labels, "l");
    cr_expect_str_eq(section_at(dos_ends, 0)->text, "select\n1;\n");
    cr_expect_str_eq(section_at(dos_ends, 0)->checksum, section_at(unix_ends, 0)->checksum);
}

Test(revision_sections, a_carriage_return_alone_is_data)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- migrate:up\nselect '\r';\n");

    cr_expect_str_eq(section_at(revision, 0)->text, "select '\r';\n");
}

Test(revision_sections, markers_carry_dialect_and_options)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n"
                                              "-- migrate:up mysql transaction:false\nselect 1;\n"
                                              "--migrate:up foreign_keys:off   sqlite\n"
                                              "-- migrate:up postgresql transaction:true\n");
    const Section *mysql = section_at(revision, 0);
    const Section *sqlite = section_at(revision, 1);

    cr_expect(!mysql->any_dialect && mysql->dialect == DIALECT_MYSQL && !mysql->transaction);
    cr_expect(!sqlite->any_dialect && sqlite->dialect == DIALECT_SQLITE && sqlite->foreign_keys_off);
    cr_expect(sqlite->transaction);
    cr_expect_eq(section_at(revision, 2)->dialect, DIALECT_POSTGRES);
}

Test(revision_sections, the_section_of_a_dialect_goes_before_the_unnamed_one)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up\n-- any\n-- migrate:up mysql\n-- my\n"
                   "-- migrate:down postgres\n-- pg\n");

    cr_expect_str_eq(revision_section(revision, SECTION_UP, DIALECT_MYSQL)->text, "-- my\n");
    cr_expect_str_eq(revision_section(revision, SECTION_UP, DIALECT_MARIADB)->text, "-- my\n");
    cr_expect_str_eq(revision_section(revision, SECTION_UP, DIALECT_SQLITE)->text, "-- any\n");
    cr_expect_null(revision_section(revision, SECTION_DOWN, DIALECT_SQLITE));
    cr_expect_null(revision_section(revision, SECTION_CHECK, DIALECT_SQLITE));
    cr_expect(revision_has_section(revision, SECTION_DOWN));
    cr_expect_not(revision_has_section(revision, SECTION_VERIFY));
}

Test(revision_sections, mariadb_has_its_own_section_before_mysqls)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up mysql\n-- my\n-- migrate:up mariadb\n-- maria\n");

    cr_expect_str_eq(revision_section(revision, SECTION_UP, DIALECT_MARIADB)->text, "-- maria\n");
    cr_expect_str_eq(revision_section(revision, SECTION_UP, DIALECT_MYSQL)->text, "-- my\n");
    cr_expect_null(revision_section(revision, SECTION_UP, DIALECT_POSTGRES));
}

Test(revision_sections, a_marker_inside_a_dollar_quoted_body_is_a_marker)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up\ndo $$\n-- migrate:down\n$$;\n");

    cr_expect_eq(revision->sections->len, 2);
    cr_expect_str_eq(section_at(revision, 0)->text, "do $$\n");
}

Test(revision_sections, comments_that_resemble_markers_are_comments)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- migrate:up\n-- migrate: all of them\n-- "
                                              "Migrate:down\nselect '-- migrate:down';\n");

    cr_expect_eq(revision->sections->len, 1);
}

Test(revision_sections, an_indented_marker_draws_a_warning)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision = parse_as(
        "-- revision: a1\n-- migrate:up\n  -- migrate:down\ndrop table t;\n", "f.sql", NULL, problems);
    g_autofree char *told = diagnostics_to_string(problems);

    cr_expect_not_null(revision);
    cr_expect(strstr(told, "f.sql:3:14: warning: this looks like a section marker but is indented"), "%s",
              told);
}

Test(revision_sections, variables_are_listed)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up\ncreate table {{ schema | ident }}.{{ name | ident }} "
                   "(a text default {{ name | literal }});\n");

    expect_list(section_at(revision, 0)->variables, "name|schema");
}

Test(revision_sections, a_malformed_variable_is_refused_with_its_place)
{
    expect_fault("-- revision: a1\n-- migrate:up\nselect 1;\nselect {{ name }};\n", "f.sql:4:8: error:");
}

Test(revision_sections, unknown_words_on_markers_are_refused_all_at_once)
{
    static const char TEXT[] = "-- revision: a1\n"
                               "-- migrate:upp\n"
                               "-- migrate:up postgrs transacton:false transaction:maybe\n"
                               "-- migrate:up mysql sqlite\n"
                               "-- migrate:up mysql\n"
                               "-- migrate:check transaction:false\nselect 1;\n";
    g_autofree char *told = faults_of_bytes(TEXT, strlen(TEXT));

    cr_expect(strstr(told, "f.sql:2:12: error: section \"migrate:upp\" is unknown; did you mean migrate:up?"),
              "%s", told);
    cr_expect(strstr(told, "f.sql:3:15: error: dialect \"postgrs\" is unknown; did you mean postgres?"), "%s",
              told);
    cr_expect(strstr(told, "f.sql:3:23: error: option \"transacton\" is unknown; did you mean transaction?"),
              "%s", told);
    cr_expect(strstr(told, "f.sql:3:40: error: option \"transaction\" is true or false, not \"maybe\""), "%s",
              told);
    cr_expect(strstr(told, "f.sql:4:21: error: a section is for one dialect or for all"), "%s", told);
    cr_expect(strstr(told, "f.sql:5:12: error: section migrate:up for mysql is there already, in line 4"),
              "%s", told);
    cr_expect(strstr(told, "f.sql:6:18: error: option \"transaction\" has no meaning in a check section"),
              "%s", told);
}

Test(revision_sections, foreign_keys_is_an_option_of_sqlite_alone)
{
    expect_fault("-- revision: a1\n-- migrate:up postgres foreign_keys:off\n",
                 "f.sql:2:24: error: option \"foreign_keys\" is for sqlite only");
    expect_fault("-- revision: a1\n-- migrate:up foreign_keys:off mysql\n", "is for sqlite only");
}

Test(revision_sections, sql_above_the_first_marker_is_refused)
{
    expect_fault("-- revision: a1\ncreate table t (a int);\ncreate table u (a int);\n-- migrate:up\n",
                 "f.sql:2:1: error: this stands above the first \"-- migrate:\" line");
}

Test(revision_sections, a_file_without_an_up_section_is_refused)
{
    expect_fault("-- revision: a1\ncreate table t (a int);\n", "f.sql: error: has no \"-- migrate:up\" line");
    expect_fault("-- revision: a1\n-- migrate:down\n", "f.sql: error: has no \"-- migrate:up\" section");
    expect_fault("", "has no \"-- migrate:up\" line");
}

Test(revision_sections, an_empty_up_section_will_do)
{
    g_autoptr(Revision) revision = parse_good("-- revision: a1\n-- revises: b c\n-- migrate:up");

    cr_expect_str_eq(section_at(revision, 0)->text, "");
}

Test(revision_sections, checks_hold_selects_only)
{
    g_autoptr(Revision) revision =
        parse_good("-- revision: a1\n-- migrate:up\n-- migrate:check\nselect 1 where false;\nselect 2;\n"
                   "-- migrate:verify mysql\n# all of it\nselect `a` from t\n");

    cr_expect_eq(revision->sections->len, 3);
    expect_fault("-- revision: a1\n-- migrate:up\n-- migrate:check\nselect 1;\n delete from t;\n",
                 "f.sql:5:2: error: a check section holds SELECTs only");
    expect_fault("-- revision: a1\n-- migrate:up\n-- migrate:verify sqlite\n-- nothing\n",
                 "f.sql:4:1: error: the verify section holds no SELECT");
    expect_fault("-- revision: a1\n-- migrate:up\n-- migrate:check mysql\nselect count(*) from t into @n;\n",
                 "f.sql:4:1: error: a SELECT of a check section has no INTO");
    expect_fault(
        "-- revision: a1\n-- migrate:up\n-- migrate:verify\nselect 1 where 'into' = (select 2 INTO x);\n",
        "f.sql:4:1: error: a S");
}

Test(revision_sections, a_check_for_all_dialects_may_be_written_in_any)
{
    g_autoptr(Revision) revision = parse_good(
        "-- revision: a1\n-- migrate:up\n-- migrate:check\nselect 'it\\'s' from `t`; # a remark\n");

    cr_expect_eq(revision->sections->len, 2);
}

TestSuite(revision_bytes);

Test(revision_bytes, what_is_not_utf8_is_refused_with_its_place)
{
    expect_fault("-- revision: a1\n-- message: caf\xe9\n-- migrate:up\n",
                 "f.sql:2:16: error: byte 0xe9 is not UTF-8 text");
}

Test(revision_bytes, a_zero_byte_is_refused)
{
    g_autofree char *told = faults_of_bytes("-- revision: a1\nab\0cd", 21);

    cr_expect(strstr(told, "f.sql:2:3: error: a zero byte"), "%s", told);
}

Test(revision_bytes, utf16_is_named)
{
    g_autofree char *told = faults_of_bytes("\xff\xfe-\0-\0", 6);

    cr_expect(strstr(told, "f.sql: error: is UTF-16 text; save it as UTF-8"), "%s", told);
}

Test(revision_bytes, columns_count_characters)
{
    expect_fault("-- revision: a1\n-- migrate:up\n-- migrate:check\nselect 'äöü'; delete from t;\n",
                 "f.sql:4:15: error:");
}

TestSuite(revision_dbmate);

Test(revision_dbmate, id_message_and_parent_come_from_the_names)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision =
        parse_as("-- migrate:up\nselect 1;\n\n-- migrate:down\n",
                 "db/migrations/20151127184807_create_users_table.sql", "20151126", problems);

    cr_assert_not_null(revision);
    cr_expect_str_eq(revision->id, "20151127184807");
    cr_expect_str_eq(revision->message, "create users table");
    expect_list(revision->revises, "20151126");
}

Test(revision_dbmate, the_first_file_is_a_base)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision = parse_as("-- migrate:up\n", "1_a.sql", NULL, problems);

    cr_expect_eq(g_strv_length(revision->revises), 0);
}

Test(revision_dbmate, comments_may_say_what_they_like)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision = parse_as("-- revised: by bob\n-- migrate:up\n", "1_a.sql", NULL, problems);

    cr_expect_not_null(revision);
}

Test(revision_dbmate, a_header_outweighs_the_name)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(Revision) revision =
        parse_as("-- revises:\n-- message: mine\n-- migrate:up\n", "7_theirs.sql", "6", problems);

    cr_expect_str_eq(revision->id, "7");
    cr_expect_str_eq(revision->message, "mine");
    cr_expect_eq(g_strv_length(revision->revises), 0);
}

Test(revision_dbmate, a_name_without_digits_needs_a_header)
{
    expect_fault("-- migrate:up\n",
                 "f.sql: error: has no \"-- revision:\" line, and its name does not start with digits");
}
