#include "provider/base_url.h"

#include <array>

#include "base/string_util.h"
#include "provider/http_error.h"

namespace iie {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

// What requests add to the base URL; people paste it with the rest.
std::string_view path_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::openai_chat:
      return "/chat/completions";
    case Dialect::openai_responses:
      return "/responses";
    case Dialect::anthropic:
      return "/messages";
    case Dialect::gemini:
      return "/models";
  }
  return {};
}

// The version that the vendors' own libraries add, so that their base URLs do without.
std::string_view version_of(Dialect dialect) {
  if (dialect == Dialect::anthropic) return "v1";
  if (dialect == Dialect::gemini) return "v1beta";
  return {};
}

bool ends_in_version(std::string_view path) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  return last.size() >= 2 && last[0] == 'v' && is_ascii_digit(last[1]);
}

// A model's name as one segment of a path. "models/NAME" and "tunedModels/NAME" keep their slash.
std::string escape_path(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_ascii_alnum(c) || std::string_view("-._~/@:").find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

struct Parts {
  std::string_view path;
  std::string_view query;  // with its '?'
};

Parts parts_of(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t query = std::min(url.find('?'), url.size());
  return {url.substr(0, query), url.substr(query)};
}

}  // namespace

Result<std::string> canonical_base_url(Dialect dialect, std::string_view given) {
  given = trim(given);
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorKind::usage, "base URL '" + endpoint_name(given) + "': " + std::string(what));
  };
  const std::size_t scheme_end = given.find("://");
  if (scheme_end == std::string_view::npos) {
    return wrong("it names no scheme; write http://... or https://...");
  }
  const std::string scheme = ascii_lower(given.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") {
    return wrong("the scheme '" + one_line(scheme, 40) + "' is not supported; use http or https");
  }
  if (endpoint_name(given).empty()) return wrong("it names no host");
  for (const char c : given) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return wrong("it holds white space");
  }
  Parts parts = parts_of(given);
  while (parts.path.ends_with('/')) parts.path.remove_suffix(1);
  if (parts.path.ends_with(path_of(dialect))) {
    parts.path.remove_suffix(path_of(dialect).size());
    while (parts.path.ends_with('/')) parts.path.remove_suffix(1);
  }
  std::string url(parts.path);
  if (!version_of(dialect).empty() && !ends_in_version(parts.path)) {
    url += '/';
    url += version_of(dialect);
  }
  url += parts.query;
  return url;
}

std::string request_url(Dialect dialect, std::string_view base_url, std::string_view model,
                        bool stream) {
  const Parts parts = parts_of(base_url);
  std::string url(parts.path);
  if (dialect != Dialect::gemini) {
    url += path_of(dialect);
    url += parts.query;
    return url;
  }
  if (model.find('/') == std::string_view::npos) url += path_of(dialect);
  url += '/';
  url += escape_path(model);
  url += stream ? ":streamGenerateContent" : ":generateContent";
  url += parts.query;
  if (stream) url += parts.query.empty() ? "?alt=sse" : "&alt=sse";
  return url;
}

}  // namespace iie
