// A user's providers file: whatever it says, every profile can be asked for any reasoning.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "provider/http_model.h"
#include "provider/profile_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const auto profiles = iie::parse_profiles(yaml, "f.yaml", iie::Profiles::builtin().all(), true);
  if (!profiles) {
    if (profiles.error().message.find('\n') != std::string::npos) abort();
    return 0;
  }
  for (const iie::Profile& profile : profiles->all()) {
    if (profile.user_hash.empty()) continue;
    const auto resolved = profiles->resolve(profile.name, profile.base_url, "gpt-x");
    if (!resolved) abort();
    iie::Endpoint endpoint{.name = "x", .base_url = "http://h/v1", .model = "gpt-x"};
    endpoint.profile = *resolved;
    for (const char* reasoning : {"off", "high", "auto", "budget:4096"}) {
      iie::GenerateRequest request;
      request.params.max_tokens = 9000;
      request.params.reasoning = iie::reasoning_from(reasoning);
      const auto http = iie::encode_request(endpoint, request);
      if (!http && http.error().kind == iie::ErrorKind::bug) abort();
    }
  }
  return 0;
}
