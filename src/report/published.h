// The benchmark's published results, to stand beside one's own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/report.h"

namespace iie {

struct PublishedRow {
  std::string language;
  std::string source;  // "closed", "open": whether the model's weights are public
  std::string model;
  double overall = 0;                   // 0 to 100
  std::map<std::string, double> cells;  // by type code
};

struct PublishedTable {
  std::string title;
  std::string source;
  std::string note;                    // what was put right
  int rollouts = 0;                    // of each question
  std::map<std::string, int> samples;  // questions per language, by type code
  std::vector<PublishedRow> rows;
};

// The paper's main table, from data/published/table3.json. Read once, lives for ever.
const PublishedTable& published_table();

// One language of published rows with one's own among them.
struct ComparedRow {
  std::string model;
  std::string run;  // the run's id; empty for a published row
  std::optional<double> overall;
  std::map<std::string, double> cells;  // headline types, as the published rows
};

struct PublishedComparison {
  // The runs answered exactly the official questions of each language that they have; otherwise
  // one's own rows stand first instead of in order of score.
  bool comparable = false;
  std::string remark;  // one sentence: how far the rows can be compared
  struct Section {
    std::string language;
    std::vector<ComparedRow> rows;  // best first
  };
  std::vector<Section> sections;  // the languages in which the runs have headline questions
};

PublishedComparison compare_with_published(const std::vector<Report>& reports);

}  // namespace iie
