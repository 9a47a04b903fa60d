// People's labels of responses: what a judge is measured against.
//
// JSON lines (or an array): {"sample" or "row", "response", "label", "annotator"}. `sample` is an
// id of the dataset, `row` a position in it, from 0. `label` is 0 or 1 (or false, true).
// `annotator` names who labelled, and may be absent where one person did. Further fields are
// ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/sample.h"

namespace iie {

// One response and everybody's label of it.
struct LabelledResponse {
  std::size_t sample = 0;  // index into the dataset's samples
  std::string response;
  std::map<std::string, bool> labels;  // by annotator; "" where none was named

  // What most annotators say; nullopt where as many say the one as the other.
  std::optional<bool> label() const;
};

struct Labels {
  std::string name;  // of the file
  std::string hash;  // SHA-256 of its content
  // By sample in the dataset's order, then in order of appearance. The same text under the same
  // sample is one response.
  std::vector<LabelledResponse> responses;
  std::vector<std::string> annotators;  // those that are named, in order
};

// bad_input naming the line for an unknown sample (with the nearest id), a missing response, a
// label that is neither 0 nor 1, an annotator who labels the same response twice with different
// labels, and one response that several unnamed people labelled differently; and for a file without
// labels.
Result<Labels> load_labels(const std::filesystem::path& file, const Dataset& dataset);
// The same on bytes; `name` stands for the file.
Result<Labels> parse_labels(std::string_view bytes, std::string_view name, const Dataset& dataset);

}  // namespace iie
