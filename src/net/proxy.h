// The proxies that the environment names. libcurl reads them itself (http_proxy, https_proxy,
// all_proxy, no_proxy); this is what must be known besides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iie {

// Whether the environment names a proxy for anything.
bool environment_names_proxy();

// Makes their users and passwords secrets (base/secret.h): what a proxy answers may repeat them.
void keep_proxy_credentials_secret();

// libcurl names in its message whom it could not connect to, and with a proxy that is the proxy:
// its "host:port", or nothing where the message names `host_port` or nobody.
std::optional<std::string> unreached_proxy(std::string_view message, std::string_view host_port);

// What a 407 means, whoever sees it: libcurl for https, the reader of replies for http.
inline constexpr std::string_view kProxyWantsCredentials =
    "the proxy wants a user and a password; write them into http_proxy and https_proxy: "
    "http://USER:PASSWORD@HOST:PORT";

}  // namespace iie
