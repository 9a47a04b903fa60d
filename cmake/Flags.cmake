# Compiler flags, shared by every target that we write ourselves through the interface library iie_flags.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# -g1: stack traces with line numbers at a fraction of the size and time of full debug information.
foreach(lang C CXX)
  set(CMAKE_${lang}_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
  set(CMAKE_${lang}_FLAGS_SANITIZE "-O1 -g1") # build type of the sanitizer and fuzz builds: assertions stay on
endforeach()

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE)
  # Paths are taken relative to the checkout, so that another clone of it finds the same objects.
  foreach(lang C CXX)
    if(NOT DEFINED CMAKE_${lang}_COMPILER_LAUNCHER)
      set(CMAKE_${lang}_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
    endif()
  endforeach()
endif()

add_library(iie_flags INTERFACE)
target_include_directories(iie_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(iie_flags INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual
  # Option structs are set by naming the few fields that differ: the rest keep their defaults on purpose.
  -Wno-missing-field-initializers
  # A build holds no path of the machine that made it.
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(IIE_WERROR)
  target_compile_options(iie_flags INTERFACE -Werror)
endif()
if(IIE_SANITIZE MATCHES thread)
  # Asio's fences, which TSan does not know; what they order is ordered by mutexes, too.
  target_compile_options(iie_flags INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns about its own std::string (-Wrestrict, GCC bug 105651) and about coroutine frames and std::variant
  # members that it cannot follow (-Wmaybe-uninitialized); with sanitizers on it pairs awaitable's own operator delete
  # with the global new (-Wmismatched-new-delete). ASan and UBSan runs look for the real ones.
  target_compile_options(iie_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang sees libstdc++ 12 use its own deprecated get_temporary_buffer inside std::stable_sort.
  target_compile_options(iie_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(iie_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
target_link_options(iie_flags INTERFACE -Wl,--as-needed)

if(IIE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "IIE_FUZZ needs clang: configure with "
      "-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19")
  endif()
  if(NOT IIE_SANITIZE)
    set(IIE_SANITIZE "address,undefined")
  endif()
  target_compile_options(iie_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(IIE_SANITIZE)
  set(iie_sanitize_flags "-fsanitize=${IIE_SANITIZE}" -fno-omit-frame-pointer)
  if(IIE_SANITIZE MATCHES "undefined")
    list(APPEND iie_sanitize_flags -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(iie_flags INTERFACE ${iie_sanitize_flags})
  target_link_options(iie_flags INTERFACE ${iie_sanitize_flags})
endif()
