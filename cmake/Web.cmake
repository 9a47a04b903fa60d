# The HTML report's script and style: web/src bundled by esbuild into generated/web, to be embedded. tools/setup.sh fetches
# the bundler (npm, pinned by hash). Where it is missing the program is built without the HTML report, and says so when it
# is asked for one.
set(IIE_WEB_FILES "")
set(iie_esbuild "${CMAKE_SOURCE_DIR}/web/node_modules/esbuild/bin/esbuild")
find_program(IIE_NODE NAMES node nodejs)
if(IIE_NODE AND EXISTS "${iie_esbuild}")
  file(GLOB iie_web_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/src/*")
  set(iie_web_out "${CMAKE_BINARY_DIR}/generated/web")
  add_custom_command(
    OUTPUT "${iie_web_out}/report.js" "${iie_web_out}/report.css"
    COMMAND "${IIE_NODE}" "${iie_esbuild}" "${CMAKE_SOURCE_DIR}/web/src/main.ts" --bundle --minify --target=es2020
            --format=iife --charset=ascii --legal-comments=none --log-level=warning "--outfile=${iie_web_out}/report.js"
    COMMAND "${IIE_NODE}" "${iie_esbuild}" "${CMAKE_SOURCE_DIR}/web/src/report.css" --minify --charset=ascii
            --log-level=warning "--outfile=${iie_web_out}/report.css"
    DEPENDS ${iie_web_sources} "${CMAKE_SOURCE_DIR}/web/package-lock.json"
    COMMENT "Bundling the HTML report's script and style"
    VERBATIM)
  set(IIE_WEB_FILES "web/report.css=${iie_web_out}/report.css" "web/report.js=${iie_web_out}/report.js")
else()
  message(WARNING "The bundler of the HTML report is missing: `report --format html` will not work. "
    "tools/setup.sh fetches it into web/node_modules.")
endif()
