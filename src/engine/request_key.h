// What a request asks, as a hash: for caches and recordings.
#pragma once

#include <string>
#include <string_view>

#include "provider/provider.h"

namespace iie {

// Who is asked.
struct Asked {
  std::string model;     // Provider::name()
  std::string endpoint;  // base URL, as runs store it
  std::string profile;   // RunSpec::model_profile or judge_profile
  // Of several runs in one recording: which of them asks (its key). Else empty.
  std::string run = {};
};

// SHA-256 over everything that determines the reply: model, endpoint, parameters, messages, schema;
// and over what tells repetitions apart: sample, rollout and ask. Never over API keys.
std::string request_key(const Asked& asked, const GenerateRequest& request);

}  // namespace iie
