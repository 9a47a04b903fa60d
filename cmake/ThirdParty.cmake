# Libraries of the distribution. tools/setup.sh holds the list of packages that provide them.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS headers json)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto SSL)
find_package(simdjson 3 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc i18n)
find_package(CLI11 REQUIRED)

# The following are linked from their archives where there are some: calls are direct, and a start, of which the dynamic
# linker was a tenth, has a third fewer symbols to look up. (None of them is what another of our libraries uses, too.)
set(iie_library_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)

find_package(SQLite3 3.40 REQUIRED)

pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
add_library(iie::yaml ALIAS PkgConfig::yaml)

pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
add_library(iie::re2 ALIAS PkgConfig::re2)

pkg_check_modules(hunspell REQUIRED IMPORTED_TARGET hunspell)
add_library(iie::hunspell ALIAS PkgConfig::hunspell)

# The extensions (tables, strikethrough) have no pkg-config file of their own.
pkg_check_modules(cmark_gfm REQUIRED IMPORTED_TARGET libcmark-gfm)
find_library(CMARK_GFM_EXTENSIONS cmark-gfm-extensions REQUIRED)
find_path(CMARK_GFM_EXTENSIONS_INCLUDE cmark-gfm-core-extensions.h REQUIRED)
mark_as_advanced(CMARK_GFM_EXTENSIONS CMARK_GFM_EXTENSIONS_INCLUDE)
add_library(iie_cmark_gfm UNKNOWN IMPORTED)
set_target_properties(iie_cmark_gfm PROPERTIES
  IMPORTED_LOCATION "${CMARK_GFM_EXTENSIONS}"
  INTERFACE_LINK_LIBRARIES PkgConfig::cmark_gfm)
add_library(iie::cmark_gfm ALIAS iie_cmark_gfm)

# Optional: only speed depends on it.
pkg_check_modules(jemalloc IMPORTED_TARGET jemalloc)

set(CMAKE_FIND_LIBRARY_SUFFIXES ${iie_library_suffixes})
