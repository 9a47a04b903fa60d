#include "cli/demonstrations.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>

#include "base/embedded.h"
#include "base/json.h"

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
  if (dataset.name != "open") {
    return fail(ErrorKind::bad_input,
                "replay:demonstrations answers the embedded questions only (--dataset open)");
  }
  const auto bytes = embedded_file(kFile);
  if (!bytes) return fail(ErrorKind::bug, "the demonstrations are not embedded");
  IIE_TRY(const RecordedResponses written,
          parse_responses(*bytes, kDemonstrations, dataset, options));
  std::unordered_set<std::string_view> answered;
  for (const RecordedResponse& record : written.records) answered.insert(record.sample_id);
  std::string lines(*bytes);
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
