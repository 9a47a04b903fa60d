#include "engine/request_key.h"

#include "base/hash.h"
#include "base/json.h"
#include "core/run.h"

namespace iie {

std::string request_key(const Asked& asked, const GenerateRequest& request) {
  // The canonical form of a run's model, endpoint and parameters is the one that runs are keyed by:
  // a parameter that is added there is in here, too.
  RunSpec spec;
  spec.model = asked.model;
  spec.model_endpoint = asked.endpoint;
  spec.model_profile = asked.profile;
  spec.params = request.params;
  spec.params.system_prompt.reset();  // it stands among the messages
  std::string text = run_spec_to_json(spec);
  if (!asked.run.empty()) {
    text += "\nrun ";
    append_json_string(text, asked.run);
  }
  text += "\n[";
  for (const Message& message : request.messages) {
    text += '[';
    append_json_string(text, to_string(message.role));
    text += ',';
    append_json_string(text, message.content);
    text += ']';
  }
  text += "]\n";
  if (request.schema) {
    append_json_string(text, request.schema->name);
    append_json_string(text, request.schema->json);
  }
  text += '\n';
  append_json_string(text, request.sample_id);
  text += std::to_string(request.rollout) + ' ' + std::to_string(request.ask);
  return sha256_hex(text);
}

}  // namespace iie
