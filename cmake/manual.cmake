# Run by the build: writes the manual pages of dbfleet and of each of its commands into FOLDER. PROGRAM prints them.
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${PROGRAM} __man ${DATE} OUTPUT_VARIABLE page COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${FOLDER}/dbfleet.1 "${page}")
string(REGEX MATCHALL "\n\\.SS [a-z\\-]+" headings "${page}")
foreach(heading IN LISTS headings)
  string(REGEX REPLACE "\n\\.SS |\\\\" "" command "${heading}")
  execute_process(COMMAND ${PROGRAM} __man ${DATE} ${command} OUTPUT_FILE ${FOLDER}/dbfleet-${command}.1
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
