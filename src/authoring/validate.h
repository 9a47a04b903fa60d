// Is a dataset fit to be published? Everything that a machine can say about it.
//
// Of any dataset: does every line follow its format, do ids repeat, is the text clean and in the
// language that it claims, are two questions nearly the same, do all checks compile. Of a set whose
// items were written with checks, gold and twins (as the open set): are they whole, does every
// compliant gold pass, every inertial gold fail and every twin's conventional gold pass, does the
// prompt give its own answer away. Of a whole set: mix of types and balance of domains among the
// samples of headline types, how much of it rules decide. doc/authoring.md lists the problems by
// their code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "authoring/items.h"
#include "authoring/problem.h"
#include "base/error.h"

namespace iie {

struct ValidateOptions {
  // Datasets, files, folders: together one set. By default all that is embedded.
  std::vector<std::string> names = {"open+further"};
  std::vector<std::string> against;  // others that none of the questions may repeat
};

// Outcomes of written responses.
struct GoldCounts {
  std::int64_t compliant = 0;
  std::int64_t compliant_pass = 0;  // every check is met
  std::int64_t inertial = 0;
  std::int64_t inertial_fail = 0;   // a check finds it broken
  std::int64_t inertial_judge = 0;  // nothing broken, and no check of an inversion: left to a judge
  std::vector<std::string> inertial_judge_ids;  // the samples of those
  std::int64_t conventional = 0;
  std::int64_t conventional_pass = 0;
};

struct Lengths {  // in characters (grapheme clusters, no white space), summed
  std::int64_t samples = 0;
  std::int64_t prompt = 0;
  std::int64_t reference = 0;
};

struct SetCounts {
  std::int64_t samples = 0;
  std::int64_t further = 0;  // of them, those of further types
  std::int64_t pairs = 0;    // with an English and a Chinese form
  std::map<std::pair<std::string, std::string>, Lengths> cells;  // by type and language
  std::map<std::string, std::int64_t> domains;
  std::map<std::string, std::int64_t> files;  // samples of each file, by its name
  std::map<std::string, std::int64_t> rules;  // checks by rule, twins' included
  std::map<std::string, std::int64_t> reviewed;
  std::map<std::string, std::int64_t> licenses;
  std::int64_t checked = 0;   // with checks
  std::int64_t complete = 0;  // that rules decide alone
  // With inversion criteria, each of them decided by a check.
  std::int64_t inversions_decided = 0;
  std::int64_t twins = 0;
  std::int64_t several_turns = 0;
  GoldCounts gold;
};

struct Validation {
  std::string name;
  std::string hash;  // dataset_hash of what could be read
  bool whole = false;
  SetCounts counts;
  Problems problems;  // by file and line

  std::size_t errors() const;
  std::size_t warnings() const { return problems.size() - errors(); }
};

// Reads and looks. An error only where there is nothing to look at; see read_items.
Result<Validation> validate_dataset(const ValidateOptions& options);

// The parts, for callers that hold items already. `whole` also checks mix and balance.
Validation validate_items(const ItemSet& set, const ItemSet& against = {});

}  // namespace iie
