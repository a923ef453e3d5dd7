# The tests of notifications have a server of their own.
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
target_link_libraries(unit_run PRIVATE PkgConfig::MICROHTTPD)
