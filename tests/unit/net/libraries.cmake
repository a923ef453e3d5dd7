# The tests ask servers of their own.
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
target_link_libraries(unit_net PRIVATE PkgConfig::MICROHTTPD)
