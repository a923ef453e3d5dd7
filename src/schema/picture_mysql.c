/* Pictures of MySQL and MariaDB: information_schema, where name and schema are given so that the server opens
 * that table only (MariaDB Knowledge Base "Optimizing information_schema queries"). No empty literal: in
 * EMPTY_STRING_IS_NULL mode it would be NULL. Pure. */
#include "schema/picture_internal.h"

/* What the tables below are made of, a line of SQL in each line of theirs. */
// clang-format off
#define LINES(order) " ORDER BY " order " SEPARATOR '\n')"
#define OF_TABLE " WHERE TABLE_SCHEMA = {S} AND TABLE_NAME = {N}"
#define OR_DASH(column) "COALESCE(" column ", '-')"
/* A long text as its beginning and a digest, on one line. */
#define SHORT(column) \
    "COALESCE(IF(CHAR_LENGTH(" column ") > 120, CONCAT(LEFT(REPLACE(" column ", '\n', ' '), 80), " \
    "'... md5 ', MD5(" column ")), REPLACE(" column ", '\n', ' ')), '-')"
/* What GROUP_CONCAT orders goes through a table of the server's; MariaDB makes one on disk for lines that
 * could be longer than 512 characters, which takes twice as long as all else. No line of an index is: it has
 * at most four names and one short text. */
#define INDEX_PARTS \
    "CONCAT('index ', {N}, '.', INDEX_NAME, ' ', SEQ_IN_INDEX, ': ', " \
    OR_DASH("COLUMN_NAME") ", ' ', " OR_DASH("SUB_PART") ", ' ', " OR_DASH("COLLATION") ", " \
    "IF(NON_UNIQUE, ' ', ' unique '), INDEX_TYPE, ' ', "
#define FAMILY PICTURE_IN_FAMILY
#define MARIADB PICTURE_IN_MARIADB
#define MYSQL PICTURE_IN_MYSQL

static const PictureRow rows[] = {
    /* ---- Tables ---- */
    {OBJECT_TABLE, 0, FAMILY,
     "SELECT MAX(CONCAT({L}, ': ', LOWER(TABLE_TYPE))) FROM information_schema.TABLES" OF_TABLE},
    {OBJECT_TABLE, PICTURE_OPTIONS, FAMILY,
     "SELECT MAX(CONCAT('options ', {N}, ': ', " OR_DASH("ENGINE") ", ' ', " OR_DASH("TABLE_COLLATION") ", "
     "' ', " OR_DASH("CREATE_OPTIONS") ", ' comment ', " SHORT("TABLE_COMMENT") ")) "
     "FROM information_schema.TABLES" OF_TABLE},
    {OBJECT_TABLE, PICTURE_COLUMNS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('column ', {N}, '.', COLUMN_NAME, ': ', " SHORT("COLUMN_TYPE") ", "
     "IF(IS_NULLABLE = 'NO', ' not null', ' null'), ' default ', " SHORT("COLUMN_DEFAULT") ", ' ', "
     OR_DASH("COLLATION_NAME") ", ' ', " OR_DASH("EXTRA") ", ' as ', " SHORT("GENERATION_EXPRESSION") ", "
     "' comment ', " SHORT("COLUMN_COMMENT") ")" LINES("ORDINAL_POSITION") " "
     "FROM information_schema.COLUMNS" OF_TABLE},
    {OBJECT_TABLE, PICTURE_INDEXES, MARIADB,
     "SELECT GROUP_CONCAT(LEFT(" INDEX_PARTS "IGNORED, ' ', COMMENT, ' ', " SHORT("INDEX_COMMENT") "), 500)"
     LINES("INDEX_NAME, SEQ_IN_INDEX") " FROM information_schema.STATISTICS" OF_TABLE},
    {OBJECT_TABLE, PICTURE_INDEXES, MYSQL,
     "SELECT GROUP_CONCAT(" INDEX_PARTS "IS_VISIBLE, ' ', COMMENT, ' ', " SHORT("INDEX_COMMENT") ", ' ', "
     SHORT("EXPRESSION") ")"
     LINES("INDEX_NAME, SEQ_IN_INDEX") " FROM information_schema.STATISTICS" OF_TABLE},
    {OBJECT_TABLE, PICTURE_CONSTRAINTS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('foreign key ', {N}, '.', CONSTRAINT_NAME, ' ', ORDINAL_POSITION, ': ', "
     "COLUMN_NAME, ' references ', REFERENCED_TABLE_SCHEMA, '.', REFERENCED_TABLE_NAME, '.', "
     "REFERENCED_COLUMN_NAME)" LINES("CONSTRAINT_NAME, ORDINAL_POSITION") " "
     "FROM information_schema.KEY_COLUMN_USAGE" OF_TABLE " AND REFERENCED_TABLE_NAME IS NOT NULL"},
    {OBJECT_TABLE, PICTURE_CONSTRAINTS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('foreign key ', {N}, '.', CONSTRAINT_NAME, ': update ', UPDATE_RULE, "
     "' delete ', DELETE_RULE)" LINES("CONSTRAINT_NAME") " "
     "FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {S} AND TABLE_NAME = {N}"},
    {OBJECT_TABLE, PICTURE_CONSTRAINTS, MARIADB,
     "SELECT GROUP_CONCAT(CONCAT('check ', {N}, '.', CONSTRAINT_NAME, ': ', " SHORT("CHECK_CLAUSE") ")"
     LINES("CONSTRAINT_NAME") " FROM information_schema.CHECK_CONSTRAINTS "
     "WHERE CONSTRAINT_SCHEMA = {S} AND TABLE_NAME = {N}"},
    {OBJECT_TABLE, PICTURE_CONSTRAINTS, MYSQL,
     "SELECT GROUP_CONCAT(CONCAT('check ', {N}, '.', t.CONSTRAINT_NAME, ': ', " SHORT("c.CHECK_CLAUSE") ", "
     "' enforced ', t.ENFORCED)" LINES("t.CONSTRAINT_NAME") " "
     "FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c "
     "ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME "
     "WHERE t.TABLE_SCHEMA = {S} AND t.TABLE_NAME = {N}"},
    {OBJECT_TABLE, PICTURE_PARTITIONS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('partition ', {N}, '.', PARTITION_NAME, ' ', "
     OR_DASH("SUBPARTITION_NAME") ", ': ', " OR_DASH("PARTITION_METHOD") ", ' ', "
     SHORT("PARTITION_EXPRESSION") ", ' ', " SHORT("PARTITION_DESCRIPTION") ", ' ', "
     OR_DASH("SUBPARTITION_METHOD") ", ' ', " SHORT("SUBPARTITION_EXPRESSION") ")"
     LINES("PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION") " "
     "FROM information_schema.PARTITIONS" OF_TABLE " AND PARTITION_NAME IS NOT NULL"},
    {OBJECT_TABLE, PICTURE_TRIGGERS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('trigger ', TRIGGER_NAME, ': ', ACTION_TIMING, ' ', EVENT_MANIPULATION, ' ', "
     "ACTION_ORDER, ' ', " SHORT("ACTION_STATEMENT") ")" LINES("TRIGGER_NAME") " "
     "FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {S} AND EVENT_OBJECT_TABLE = {N}"},
    {OBJECT_TABLE, PICTURE_VIEW, FAMILY,
     "SELECT MAX(CONCAT('view ', {N}, ': ', " SHORT("VIEW_DEFINITION") ", ' ', CHECK_OPTION, ' ', DEFINER, "
     "' ', SECURITY_TYPE)) FROM information_schema.VIEWS" OF_TABLE},
    /* ---- Programs ---- */
    {OBJECT_TRIGGER, 0, FAMILY,
     "SELECT MAX(CONCAT({L}, ': ', ACTION_TIMING, ' ', EVENT_MANIPULATION, ' on ', EVENT_OBJECT_TABLE, ' ', "
     SHORT("ACTION_STATEMENT") ", ' ', DEFINER)) FROM information_schema.TRIGGERS "
     "WHERE {T} AND TRIGGER_SCHEMA = {S} AND TRIGGER_NAME = {N}"},
    {OBJECT_ROUTINE, 0, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT({L}, ': ', LOWER(ROUTINE_TYPE), ' ', " OR_DASH("DTD_IDENTIFIER") ", ' ', "
     SHORT("ROUTINE_DEFINITION") ", ' ', SQL_DATA_ACCESS, ' ', SECURITY_TYPE, ' ', DEFINER, ' ', "
     SHORT("ROUTINE_COMMENT") ")" LINES("ROUTINE_TYPE") " "
     "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {S} AND ROUTINE_NAME = {N}"},
    {OBJECT_EVENT, 0, FAMILY,
     "SELECT MAX(CONCAT({L}, ': ', EVENT_TYPE, ' ', " OR_DASH("EXECUTE_AT") ", ' ', "
     OR_DASH("INTERVAL_VALUE") ", ' ', " OR_DASH("INTERVAL_FIELD") ", ' ', " OR_DASH("STARTS") ", ' ', "
     OR_DASH("ENDS") ", ' ', STATUS, ' ', ON_COMPLETION, ' ', " SHORT("EVENT_DEFINITION") ", ' comment ', "
     SHORT("EVENT_COMMENT") ")) "
     "FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {S} AND EVENT_NAME = {N}"},
    /* ---- Databases ---- */
    {OBJECT_DATABASE, 0, FAMILY,
     "SELECT MAX(CONCAT({L}, ': ', DEFAULT_COLLATION_NAME)) FROM information_schema.SCHEMATA "
     "WHERE SCHEMA_NAME = {N}"},
    {OBJECT_EVERYTHING, PICTURE_COLUMNS, FAMILY,
     "SELECT GROUP_CONCAT(line" LINES("line") " FROM (SELECT CONCAT('table ', TABLE_NAME, ' columns ', "
     "MD5(GROUP_CONCAT(COLUMN_NAME, ' ', COLUMN_TYPE, ' ', IS_NULLABLE, ' ', " OR_DASH("COLUMN_DEFAULT") " "
     "ORDER BY ORDINAL_POSITION))) AS line FROM information_schema.COLUMNS "
     "WHERE TABLE_SCHEMA = {S} AND TABLE_NAME NOT IN ({H}) GROUP BY TABLE_NAME) AS digests"},
    {OBJECT_EVERYTHING, PICTURE_INDEXES, FAMILY,
     "SELECT GROUP_CONCAT(line" LINES("line") " FROM (SELECT CONCAT('table ', TABLE_NAME, ' indexes ', "
     "MD5(GROUP_CONCAT(INDEX_NAME, ' ', SEQ_IN_INDEX, ' ', " OR_DASH("COLUMN_NAME") ", ' ', NON_UNIQUE "
     "ORDER BY INDEX_NAME, SEQ_IN_INDEX))) AS line FROM information_schema.STATISTICS "
     "WHERE TABLE_SCHEMA = {S} AND TABLE_NAME NOT IN ({H}) GROUP BY TABLE_NAME) AS digests"},
    {OBJECT_EVERYTHING, PICTURE_TRIGGERS, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT('trigger ', TRIGGER_NAME, ' ', MD5(ACTION_STATEMENT))"
     LINES("TRIGGER_NAME") " FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {S}"},
    {OBJECT_EVERYTHING, PICTURE_VIEW, FAMILY,
     "SELECT GROUP_CONCAT(CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME, ' ', "
     "MD5(" OR_DASH("ROUTINE_DEFINITION") "))" LINES("ROUTINE_TYPE, ROUTINE_NAME") " "
     "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {S}"},
};

static const PictureWitness witnesses[] = {
    {PICTURE_COLUMNS, "column", ": ", "COLUMN_NAME", " FROM information_schema.COLUMNS" OF_TABLE, MARIADB},
    {PICTURE_INDEXES, "index", " ", "INDEX_NAME", " FROM information_schema.STATISTICS" OF_TABLE, 0},
};
// clang-format on

const PictureDialect picture_mysql = {.rows = rows,
                                      .count = G_N_ELEMENTS(rows),
                                      .join = "CONCAT_WS('\n', ",
                                      .session = "DATABASE()",
                                      .as_hex = "HEX(CONVERT(",
                                      .hex_end = " USING utf8mb4))",
                                      .witnesses = witnesses,
                                      .witness_count = G_N_ELEMENTS(witnesses)};
