// Regular expressions that several checks share. Internal to rules/.
//
// A dataset's checks repeat their patterns (the open set has 771 different ones in 2573 checks),
// and a compiled pattern grows its automaton while it is used, so sharing saves the compiling and
// the growing. Nothing is kept alive: a pattern that no check holds any more is gone.
#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace iie {

// Never null; ok() is false for a pattern that RE2 does not read. Thread-safe, and so is the use of
// the result.
std::shared_ptr<const re2::RE2> shared_regex(const std::string& pattern,
                                             bool case_sensitive = true);

}  // namespace iie
