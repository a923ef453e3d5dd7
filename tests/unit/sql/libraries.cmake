# Oracles for the splitter: SQLite's own tokenizer always, PostgreSQL's parser where libpg_query is installed.
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
target_link_libraries(unit_sql PRIVATE PkgConfig::SQLITE3)

find_path(PG_QUERY_INCLUDE pg_query.h)
find_library(PG_QUERY_LIBRARY pg_query)
if(PG_QUERY_INCLUDE AND PG_QUERY_LIBRARY)
  target_include_directories(unit_sql SYSTEM PRIVATE ${PG_QUERY_INCLUDE})
  target_link_libraries(unit_sql PRIVATE ${PG_QUERY_LIBRARY})
  target_compile_definitions(unit_sql PRIVATE HAVE_PG_QUERY)
else()
  message(STATUS "libpg_query not found: unit_sql runs without PostgreSQL's parser as an oracle")
endif()
