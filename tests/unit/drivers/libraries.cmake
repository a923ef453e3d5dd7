# The library says how many pages a session keeps.
if(DBFLEET_SQLITE)
  pkg_check_modules(SQLITE3 IMPORTED_TARGET sqlite3)
endif()
if(DBFLEET_SQLITE AND SQLITE3_FOUND)
  target_link_libraries(unit_drivers PRIVATE PkgConfig::SQLITE3)
  target_compile_definitions(unit_drivers PRIVATE HAVE_SQLITE)
endif()
