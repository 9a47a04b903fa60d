#include "dataset/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/string_util.h"
#include "dataset/input.h"

namespace iie {
namespace {

namespace bj = boost::json;

class Reader {
 public:
  explicit Reader(const Dataset& dataset) : samples_(dataset.samples) {
    for (std::size_t i = 0; i < samples_.size(); ++i) by_id_.emplace(samples_[i].id, i);
  }

  Result<void> add(const bj::value& value) {
    JsonFields fields(value, "");
    IIE_TRY(const std::size_t sample, sample_of(fields));
    std::string response = fields.required_string("response");
    const std::string annotator = fields.string_or("annotator", "");
    IIE_CHECK_OK(fields.finish(true));
    IIE_TRY(const bool label, label_of(fields.optional_value("label")));

    auto [at, fresh] = places_.emplace(std::pair(sample, response), responses_.size());
    if (fresh) responses_.push_back({sample, std::move(response), {}});
    const auto [known, first] = responses_[at->second].labels.emplace(annotator, label);
    if (!first && known->second != label) {
      return fail(ErrorKind::bad_input,
                  fmt::format("label: {} this response of sample '{}' {} here and {} before",
                              annotator.empty() ? "an unnamed annotator gives"
                                                : "'" + one_line(annotator, 40) + "' gives",
                              one_line(samples_[sample].id, 60), int{label}, int{known->second}));
    }
    if (!annotator.empty()) annotators_.insert(annotator);
    return {};
  }

  Result<Labels> labels(std::string name) && {
    if (responses_.empty()) {
      return fail(ErrorKind::bad_input, fmt::format("{}: holds no labels", name));
    }
    Labels labels;
    labels.name = std::move(name);
    std::ranges::stable_sort(responses_, {}, &LabelledResponse::sample);
    labels.responses = std::move(responses_);
    labels.annotators.assign(annotators_.begin(), annotators_.end());
    return labels;
  }

 private:
  Result<std::size_t> sample_of(JsonFields& fields) const {
    const bj::value* named = fields.optional_value("sample");
    const auto row = fields.optional_int("row");
    if (!fields.ok()) return std::unexpected(fields.finish(true).error());
    if (named != nullptr && row) {
      return fail(ErrorKind::bad_input, "names its sample twice, by 'sample' and by 'row'");
    }
    if (row) {
      if (*row < 0 || *row >= std::ssize(samples_)) {
        return fail(ErrorKind::bad_input,
                    fmt::format("row: {} is not in the dataset, whose rows are 0 to {}", *row,
                                samples_.size() - 1));
      }
      return static_cast<std::size_t>(*row);
    }
    if (named == nullptr) return fail(ErrorKind::bad_input, "expected 'sample' (an id) or 'row'");
    const std::string id = named->is_int64()    ? std::to_string(named->get_int64())
                           : named->is_string() ? std::string(named->get_string())
                                                : std::string();
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) return found->second;
    std::vector<std::string> ids;
    for (const Sample& sample : samples_) ids.push_back(sample.id);
    return fail(ErrorKind::bad_input, fmt::format("sample: the dataset has no sample '{}'{}",
                                                  one_line(id, 60), did_you_mean(id, ids)));
  }

  static Result<bool> label_of(const bj::value* value) {
    if (value != nullptr && value->is_bool()) return value->get_bool();
    if (value != nullptr && value->is_int64() &&
        (value->get_int64() == 0 || value->get_int64() == 1)) {
      return value->get_int64() == 1;
    }
    return fail(ErrorKind::bad_input,
                fmt::format("label: expected 0 or 1, got {}",
                            value == nullptr ? "none" : one_line(to_json(*value), 40)));
  }

  const std::vector<Sample>& samples_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> places_;
  std::vector<LabelledResponse> responses_;
  std::set<std::string> annotators_;
};

}  // namespace

std::optional<bool> LabelledResponse::label() const {
  std::int64_t balance = 0;
  for (const auto& [annotator, label] : labels) balance += label ? 1 : -1;
  if (balance == 0) return std::nullopt;
  return balance > 0;
}

Result<Labels> parse_labels(std::string_view bytes, std::string_view name, const Dataset& dataset) {
  IIE_TRY(Input input, Input::over(bytes, name));
  if (input.first() != '{' && input.first() != '[') {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: expected labels as JSON lines: {{\"sample\", \"response\", "
                            "\"label\", \"annotator\"}}",
                            name));
  }
  IIE_TRY(JsonRows rows, JsonRows::of(input));
  Reader reader(dataset);
  while (true) {
    IIE_TRY(const bj::value* row, rows.next());
    if (row == nullptr) break;
    if (auto added = reader.add(*row); !added) {
      return std::unexpected(at_place(rows.place(), std::move(added).error()));
    }
  }
  IIE_TRY(Labels labels, std::move(reader).labels(std::string(name)));
  labels.hash = sha256_hex(bytes);
  return labels;
}

Result<Labels> load_labels(const std::filesystem::path& file, const Dataset& dataset) {
  IIE_TRY(const std::string bytes, read_file(file));
  return parse_labels(bytes, file.string(), dataset);
}

}  // namespace iie
