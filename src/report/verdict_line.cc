#include "report/verdict_line.h"

#include <vector>

#include "base/json.h"
#include "report/instruction_tally.h"

namespace iie {

std::optional<std::string> verdict_line(const Sample& sample, const Verdict& verdict,
                                        std::optional<std::int32_t> rollout) {
  const auto outcomes = instruction_outcomes(sample, verdict);
  if (sample.instructions.empty() || !outcomes) return std::nullopt;
  std::string out = R"({"key": )";
  if (sample.numeric_id) {
    out += sample.id;
  } else {
    append_json_string(out, sample.id);
  }
  if (rollout) out += R"(, "rollout": )" + std::to_string(*rollout);

  const auto list = [&](const char* name, auto append) {
    out.append(R"(, ")").append(name).append(R"(": [)");
    for (std::size_t i = 0; i < outcomes->size(); ++i) {
      if (i > 0) out += ", ";
      append(i);
    }
    out += ']';
  };
  list("instruction_id_list",
       [&](std::size_t i) { append_json_string(out, sample.instructions[i].id); });
  list("strict", [&](std::size_t i) { out += (*outcomes)[i].strict ? "true" : "false"; });
  list("loose", [&](std::size_t i) { out += (*outcomes)[i].loose ? "true" : "false"; });
  return out += '}';
}

}  // namespace iie
