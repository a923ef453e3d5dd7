# The tests read the JSON Schemas in docs/.
target_link_libraries(unit_inventory PRIVATE PkgConfig::JANSSON)
