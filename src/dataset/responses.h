// Responses that were generated elsewhere, matched against the dataset they answer: the input of
// `score` and of `--model replay:FILE`.
//
// JSON lines (or an array). A record names its sample by id (`id`, `uuid`, `key` or `task_id`), by
// `row` (from 0, in the dataset's order), or by `prompt`, the text of the sample's last message;
// doc/data-format.md describes the fields. Recorded rollouts of NeMo Gym fit as they are.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/response.h"
#include "core/sample.h"

namespace iie {

struct RecordedResponse {
  std::size_t sample = 0;  // index into the dataset's samples
  std::string sample_id;
  int rollout = 0;  // from 0
  // Thinking is already apart from the text. `model` is who the record says answered; may be empty.
  Response response;

  bool operator==(const RecordedResponse&) const = default;
};

struct RecordedResponses {
  std::string name;  // of the file
  // By sample in the dataset's order, then by rollout.
  std::vector<RecordedResponse> records;
  // SHA-256 over what the records say, whatever their order in the file: for RunSpec.
  std::string hash;
  // The highest rollout index plus one.
  int rollouts = 0;
  // The model that the records name; records without one add nothing.
  std::vector<std::string> models;
};

struct ResponsesOptions {
  // Which model's records to take, where several answered; the others are left out.
  std::string model = {};
  // Leave out records that answer no sample of the dataset, for a dataset that is part of another.
  bool skip_unmatched = false;
  // Some samples may have more unnumbered responses than most: the caller says how many it takes.
  bool uneven = false;
};

// bad_input naming the line for a record that answers no sample of `dataset` (with the nearest id),
// answers another prompt than the sample's, or repeats a sample and rollout; and where several
// models answered and none is chosen. A record without a rollout takes its sample's lowest free
// index, in order of appearance; one that has more such records than most samples is bad_input
// (unless `uneven`): it stands twice rather than being a rollout that the others lack. Samples
// without a record are no error here.
Result<RecordedResponses> load_responses(const std::filesystem::path& file, const Dataset& dataset,
                                         const ResponsesOptions& options = {});
// The same on bytes; `name` stands for the file.
Result<RecordedResponses> parse_responses(std::string_view bytes, std::string_view name,
                                          const Dataset& dataset,
                                          const ResponsesOptions& options = {});

// RecordedResponses::hash of some of the records.
std::string responses_hash(const std::vector<RecordedResponse>& records);

}  // namespace iie
