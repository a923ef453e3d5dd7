# The pictures are computed by real servers.
target_link_libraries(unit_schema PRIVATE drivers)
