// Base URLs as people write them, and where requests go.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "provider/profile.h"

namespace iie {

// The base URL as runs keep it: without white space around it, final slashes, fragment or the path
// that the dialect adds itself (".../chat/completions"). A query stays where it is. Anthropic's
// and Gemini's customary forms without a version ("https://api.anthropic.com") get theirs.
//
// usage for what is no http or https URL with a host.
Result<std::string> canonical_base_url(Dialect dialect, std::string_view given);

// Where a request for `model` goes; `base_url` is canonical.
std::string request_url(Dialect dialect, std::string_view base_url, std::string_view model,
                        bool stream);

}  // namespace iie
