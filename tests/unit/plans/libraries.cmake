target_link_libraries(unit_plans PRIVATE inventory) # a rollout policy is written as YAML
