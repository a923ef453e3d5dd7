# Models are made by hand; the schema room needs no server for that, but its library does.
target_link_libraries(unit_lint PRIVATE schema drivers)
