#include "cli/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::size_t kLongestKey = 16'384;

bool is_name(std::string_view text) {
  return !text.empty() && !is_ascii_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c) || c == '_'; });
}

// Without quotes, or without the comment that follows an unquoted value.
std::string value_of(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'')) {
    const std::size_t close = text.find(text.front(), 1);
    if (close != std::string_view::npos) return std::string(text.substr(1, close - 1));
  }
  if (const std::size_t comment = text.find(" #"); comment != std::string_view::npos) {
    text = trim(text.substr(0, comment));
  }
  return std::string(text);
}

}  // namespace

Result<Environment> Environment::load() {
  auto text = read_file(".env");
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return Environment();
    return std::unexpected(std::move(text).error());
  }
  return parse(*text, ".env");
}

Result<Environment> Environment::parse(std::string_view dotenv, std::string_view name) {
  Environment environment;
  if (dotenv.starts_with("\xEF\xBB\xBF")) dotenv.remove_prefix(3);
  std::size_t number = 0;
  for (std::string_view line : split(dotenv, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const std::size_t equals = line.find('=');
    const std::string_view key = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(key)) {
      // The line may hold a key: say where, not what.
      return fail(ErrorKind::bad_input, fmt::format("{}:{}: expected NAME=VALUE", name, number));
    }
    environment.file_[std::string(key)] = value_of(line.substr(equals + 1));
  }
  return environment;
}

std::optional<std::string> Environment::get(const std::string& name) const {
  if (auto value = get_env(name.c_str())) return value;
  const auto found = file_.find(name);
  if (found == file_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

Result<Secret> Environment::secret(const std::string& name) const {
  if (auto value = get(name)) return Secret(*std::move(value));
  const auto path = get(name + "_FILE");
  if (!path) return Secret();
  auto text = read_file(*path);
  if (!text) {
    text.error().kind = ErrorKind::bad_input;
    text.error().message = name + "_FILE: " + text.error().message;
    return std::unexpected(std::move(text).error());
  }
  const std::string_view key = trim(*text);
  // A key has no megabyte: a file of that size is another one, and would be searched for in all
  // that is logged.
  if (key.empty() || key.size() > kLongestKey) {
    return fail(ErrorKind::bad_input, fmt::format("{}_FILE: {} holds no key", name, *path));
  }
  return Secret(std::string(key));
}

}  // namespace iie
