# Run by CPack between staging and packing: moves to where Debian wants it what lies elsewhere by custom.
# Sources: Debian Policy 12.1 (manual pages), 12.5 (copyright), 12.7 (changelogs); README.Debian of zsh on completions.
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(documents ${share}/doc/dbfleet)

file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_dbfleet ${share}/zsh/vendor-completions/_dbfleet)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

file(RENAME ${documents}/LICENSE ${documents}/copyright)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH is heeded
file(WRITE ${documents}/changelog
"dbfleet (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What changed for whom is in CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
file(GLOB pages ${share}/man/man1/*.1)
execute_process(COMMAND gzip -9nf ${documents}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
