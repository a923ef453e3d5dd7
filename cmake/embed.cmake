# cmake -DFOLDER=folder -DTARGET=file.c -P embed.cmake: the bytes of a folder's files as rows of a table, by name.
file(GLOB names RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT names)
set(texts "")
set(rows "")
foreach(name IN LISTS names)
  file(READ ${FOLDER}/${name} bytes HEX)
  string(REGEX REPLACE "[^a-z0-9]" "_" symbol ${name})
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND texts "static const unsigned char ${symbol}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", (const char *)${symbol}},\n")
endforeach()
file(WRITE ${TARGET} "/* Made by cmake/embed.cmake. */
#include \"report/page_parts_internal.h\"

${texts}
const PageFile page_files[] = {
${rows}    {NULL, NULL},
};
")
