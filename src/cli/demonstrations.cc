#include "cli/demonstrations.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/embedded.h"
#include "base/json.h"
#include "base/string_util.h"
#include "dataset/embedded_set.h"

namespace iie {
namespace {

constexpr std::string_view kFile = "open/demonstrations.jsonl";
constexpr std::string_view kWriter = "written demonstrations (no real model)";

void append_gold(std::string& lines, const Sample& sample, GoldKind kind, int rollout) {
  for (const Gold& gold : sample.question.gold) {
    if (gold.kind != kind) continue;
    lines += R"({"id":)";
    append_json_string(lines, sample.id);
    lines += fmt::format(R"(,"rollout":{},"response":)", rollout);
    append_json_string(lines, gold.response);
    lines += R"(,"model":)";
    append_json_string(lines, kWriter);
    lines += "}\n";
    return;
  }
}

}  // namespace

Result<RecordedResponses> demonstrations(const Dataset& dataset, const ResponsesOptions& options) {
  if (find_embedded_set(dataset.name) == nullptr) {
    return fail(ErrorKind::bad_input,
                "replay:demonstrations answers the embedded questions only (--dataset open, "
                "further or open+further)");
  }
  const auto bytes = embedded_file(kFile);
  if (!bytes) return fail(ErrorKind::bug, "the demonstrations are not embedded");
  std::unordered_set<std::string_view> ids;
  for (const Sample& sample : dataset.samples) ids.insert(sample.id);
  // They answer the open set; of them, those that this dataset asks.
  std::unordered_set<std::string> answered;
  std::string lines;
  for (const std::string_view line : split(*bytes, '\n')) {
    if (line.empty()) continue;
    IIE_TRY(const boost::json::value record, parse_json(line));
    JsonFields fields(record, std::string(kFile));
    std::string id = fields.required_string("id");
    IIE_CHECK_OK(fields.finish(true));
    if (!ids.contains(id)) continue;
    lines.append(line) += '\n';
    answered.insert(std::move(id));
  }
  for (const Sample& sample : dataset.samples) {
    if (answered.contains(sample.id)) continue;
    append_gold(lines, sample, GoldKind::compliant, 0);
    append_gold(lines, sample, GoldKind::inertial, 1);
    // Of a twin: what it asks for.
    for (const int rollout : {0, 1}) append_gold(lines, sample, GoldKind::conventional, rollout);
  }
  return parse_responses(lines, kDemonstrations, dataset, options);
}

}  // namespace iie
