#include "net/proxy.h"

#include <curl/curl.h>

#include <array>
#include <memory>

#include "base/file.h"
#include "base/secret.h"
#include "base/string_util.h"

namespace iie {
namespace {

// HTTP_PROXY is not among them: a web server's scripts get the Proxy header of a request by that
// name, so libcurl does not read it.
constexpr std::array<const char*, 5> kVariables = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                                   "all_proxy", "ALL_PROXY"};

struct UrlCloser {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

// "::1 port 80" and "[::1]:80" are the same place.
std::string without_brackets(std::string_view host_port) {
  std::string out;
  for (const char c : host_port) {
    if (c != '[' && c != ']') out += c;
  }
  return out;
}

}  // namespace

bool environment_names_proxy() {
  for (const char* name : kVariables) {
    if (get_env(name)) return true;
  }
  return false;
}

void keep_proxy_credentials_secret() {
  for (const char* name : kVariables) {
    const auto value = get_env(name);
    if (!value) continue;
    const std::unique_ptr<CURLU, UrlCloser> url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, value->c_str(),
                     CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
      continue;
    }
    const std::string password = part(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (password.empty()) continue;
    (void)Secret(password);
    (void)Secret(part(url.get(), CURLUPART_PASSWORD, 0));
    // As basic authentication sends them.
    (void)Secret(part(url.get(), CURLUPART_USER, CURLU_URLDECODE) + ":" + password);
  }
}

std::optional<std::string> unreached_proxy(std::string_view message, std::string_view host_port) {
  static constexpr std::string_view kBefore = "Failed to connect to ";
  static constexpr std::string_view kBetween = " port ";
  if (!message.starts_with(kBefore)) return std::nullopt;
  message.remove_prefix(kBefore.size());
  const std::size_t host_end = message.find(kBetween);
  if (host_end == std::string_view::npos) return std::nullopt;
  const std::string_view host = message.substr(0, host_end);
  std::string_view port = message.substr(host_end + kBetween.size());
  std::size_t digits = 0;
  while (digits < port.size() && is_ascii_digit(port[digits])) ++digits;
  port = port.substr(0, digits);
  if (port.empty()) return std::nullopt;
  std::string reached(host);
  if (host.find(':') != std::string_view::npos) reached = '[' + reached + ']';
  reached += ':';
  reached += port;
  if (without_brackets(reached) == without_brackets(host_port)) return std::nullopt;
  return reached;
}

}  // namespace iie
