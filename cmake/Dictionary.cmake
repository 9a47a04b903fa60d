# The English dictionary of the distribution (hunspell-en-us) becomes part of the binary, so that a verdict on spelling
# does not depend on what the machine that it is given on has installed.
find_path(IIE_HUNSPELL_DICTIONARIES en_US.dic PATHS /usr/share/hunspell /usr/share/myspell/dicts NO_DEFAULT_PATH)
if(NOT IIE_HUNSPELL_DICTIONARIES)
  message(FATAL_ERROR "The English dictionary is missing: run tools/setup.sh, which installs hunspell-en-us.")
endif()

function(iie_embed_dictionary target)
  set(assembly "  .section .rodata\n")
  foreach(part aff dic)
    set(path "${IIE_HUNSPELL_DICTIONARIES}/en_US.${part}")
    string(APPEND assembly
      "  .balign 16\n  .globl iie_en_us_${part}_begin, iie_en_us_${part}_end\n"
      "iie_en_us_${part}_begin:\n  .incbin \"${path}\"\niie_en_us_${part}_end:\n  .byte 0\n")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",@progbits\n")
  set(out "${CMAKE_BINARY_DIR}/generated/dictionary.S")
  file(CONFIGURE OUTPUT "${out}" CONTENT "${assembly}" @ONLY)
  set_source_files_properties("${out}" PROPERTIES
    OBJECT_DEPENDS "${IIE_HUNSPELL_DICTIONARIES}/en_US.aff;${IIE_HUNSPELL_DICTIONARIES}/en_US.dic")
  target_sources(${target} PRIVATE "${out}")
endfunction()
