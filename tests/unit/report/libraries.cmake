# The tests parse the JSON that the renderers write.
target_link_libraries(unit_report PRIVATE PkgConfig::JANSSON)
