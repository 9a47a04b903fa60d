// "PROVIDER:NAME": how people name a model on the command line and in configuration.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "provider/profile.h"

namespace iie {

struct ModelSpec {
  std::string provider;  // a profile ("openai", "vllm"), or "replay"
  std::string name;      // the model's name, or a file; may hold colons ("llama3:8b")

  std::string to_string() const { return provider + ":" + name; }
  bool operator==(const ModelSpec&) const = default;
};

// usage: no provider, one that is neither a profile nor "replay" (with the nearest), or no name.
Result<ModelSpec> parse_model_spec(std::string_view text,
                                   const Profiles& profiles = Profiles::builtin());

}  // namespace iie
