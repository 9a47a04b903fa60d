#include "cli/endpoints.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/string_util.h"
#include "provider/openai_chat.h"

namespace iie {
namespace {

constexpr std::string_view kDefault = "https://api.openai.com/v1";
constexpr std::string_view kPath = "/chat/completions";

bool is_loopback(std::string_view base_url) {
  const std::string_view host = base_url.substr(base_url.find("://") + 3);
  for (const std::string_view name : {"localhost", "127.", "[::1]"}) {
    if (host.starts_with(name)) return true;
  }
  return false;
}

Result<Secret> key_for(const std::string& base_url, const Environment& environment,
                       std::initializer_list<const char*> names) {
  for (const char* name : names) {
    IIE_TRY(Secret key, environment.secret(name));
    if (key.empty()) continue;
    if (base_url.starts_with("http://") && !is_loopback(base_url)) {
      log(LogLevel::warn,
          fmt::format("{} goes to {} over cleartext HTTP: anyone on the way can read "
                      "it",
                      name, base_url));
    }
    return key;
  }
  if (base_url.starts_with("https://api.openai.com/") && !environment.offline()) {
    return fail(ErrorKind::auth, fmt::format("no key for {}: set {} or put it into .env", base_url,
                                             fmt::join(names, " or ")));
  }
  return Secret();
}

}  // namespace

Result<std::string> endpoint_url(const std::string& flag, const Environment& environment) {
  const std::string given =
      !flag.empty() ? flag : environment.get("OPENAI_BASE_URL").value_or(std::string(kDefault));
  const std::size_t authority = given.find("://");
  if (authority != std::string::npos) {
    const std::size_t end = given.find('/', authority + 3);
    if (given.substr(authority, end - authority).find('@') != std::string::npos) {
      return fail(ErrorKind::usage,
                  "a base URL with a user or password in it would end up in stores and reports: "
                  "put the key into OPENAI_API_KEY");
    }
  }
  if (given.find_first_of("?#") != std::string::npos) {
    return fail(ErrorKind::usage,
                "a base URL ends with its path: what stands behind '?' may be a key, and would end "
                "up in stores and reports");
  }
  IIE_TRY(std::string url, chat_completions_url(given));
  if (url.ends_with(kPath)) url.resize(url.size() - kPath.size());
  return url;
}

Result<Secret> model_key(const std::string& base_url, const Environment& environment) {
  return key_for(base_url, environment, {"OPENAI_API_KEY"});
}

Result<Secret> judge_key(const std::string& base_url, const Environment& environment) {
  return key_for(base_url, environment, {"JUDGE_API_KEY", "OPENAI_API_KEY"});
}

}  // namespace iie
