# Packaging: what is installed beside the program, and the Debian package.
#
# Man page, completions and the reference of commands are printed by the program itself, from its table of options, as
# soon as it is linked; so they cannot say anything else than --help does.

set(generated ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated})
string(TIMESTAMP manual_date "%Y-%m-%d" UTC) # SOURCE_DATE_EPOCH is heeded

# dbfleet_prints(FILE ARGUMENTS...): generated/FILE is what `dbfleet ARGUMENTS` prints.
function(dbfleet_prints file)
  add_custom_command(OUTPUT ${generated}/${file}
    COMMAND dbfleet ${ARGN} > ${generated}/${file}
    DEPENDS dbfleet
    COMMENT "Writing ${file}"
    VERBATIM)
endfunction()

# dbfleet(1) and dbfleet-COMMAND(1); the stamp stands for all of them.
add_custom_command(OUTPUT ${generated}/manual.stamp
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:dbfleet> -DDATE=${manual_date} -DFOLDER=${generated}/man1
          -P ${CMAKE_CURRENT_LIST_DIR}/manual.cmake
  COMMAND ${CMAKE_COMMAND} -E touch ${generated}/manual.stamp
  DEPENDS dbfleet ${CMAKE_CURRENT_LIST_DIR}/manual.cmake
  COMMENT "Writing the manual pages"
  VERBATIM)
dbfleet_prints(commands.md __reference)
dbfleet_prints(dbfleet.bash completion bash)
dbfleet_prints(dbfleet.zsh completion zsh)
dbfleet_prints(dbfleet.fish completion fish)
add_custom_target(manual ALL
  DEPENDS ${generated}/manual.stamp ${generated}/commands.md ${generated}/dbfleet.bash ${generated}/dbfleet.zsh
          ${generated}/dbfleet.fish)

install(DIRECTORY ${generated}/man1/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES ${generated}/dbfleet.bash RENAME dbfleet
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${generated}/dbfleet.zsh RENAME _dbfleet DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${generated}/dbfleet.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR}
  OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
  PATTERN "reference/commands.md" EXCLUDE)
install(FILES ${generated}/commands.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs/reference)

set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_CONTACT "dbfleet developers <dbfleet@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian-layout.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
dbfleet_late_packages(CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, postgresql-client, mariadb-client | default-mysql-client")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "One revision graph, hundreds or thousands of PostgreSQL, MySQL, MariaDB and
SQLite databases: an inventory in YAML, a plan to review, a parallel run with
limits that halts on failure, and one report of what happened where.")
include(CPack)
