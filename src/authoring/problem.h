// What is wrong with a dataset, as data: one finding each, with its place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace iie {

// error: the dataset does not hold what its format promises. warning: a person should look.
enum class Severity { error, warning };

struct Problem {
  Severity severity = Severity::error;
  std::string code;  // stable, for scripts: "compliant-fails"; doc/authoring.md lists them
  std::string file;
  std::size_t line = 0;  // from 1; 0: the file (or the dataset) as a whole
  std::string id;        // the sample's; empty where there is none
  std::string field;     // "checks[2].params.min"; empty: the whole line
  std::string message;   // one line
};

using Problems = std::vector<Problem>;

}  // namespace iie
