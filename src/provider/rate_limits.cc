#include "provider/rate_limits.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "base/string_util.h"

namespace iie {
namespace {

using std::chrono::milliseconds;

// A window that ends later than this is a quota, not a rate.
constexpr double kLongestReset = 86'400'000;

std::optional<std::int64_t> whole(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<milliseconds> bounded(double ms) {
  if (!(ms >= 0) || ms > kLongestReset) return std::nullopt;
  return milliseconds(std::llround(std::ceil(ms)));
}

// "1h2m3.5s", "120ms", "7"
std::optional<milliseconds> duration(std::string_view text) {
  text = trim(text);
  double total = 0;
  bool any = false;
  while (!text.empty()) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || !(number >= 0)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::size_t letters =
        std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    const std::string_view unit = text.substr(0, letters);
    if (unit.empty() && any) return std::nullopt;
    if (unit == "ms") {
      total += number;
    } else if (unit == "s" || unit.empty()) {
      total += number * 1000;
    } else if (unit == "m") {
      total += number * 60'000;
    } else if (unit == "h") {
      total += number * 3'600'000;
    } else {
      return std::nullopt;
    }
    text.remove_prefix(letters);
    any = true;
  }
  return any ? bounded(total) : std::nullopt;
}

// "2026-01-31T12:00:00Z", a fraction or an offset allowed (RFC 3339).
std::optional<milliseconds> until(std::string_view text, WallTime now) {
  text = trim(text);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = whole(text.substr(0, 4));
  const auto month = whole(text.substr(5, 2));
  const auto day = whole(text.substr(8, 2));
  const auto hour = whole(text.substr(11, 2));
  const auto minute = whole(text.substr(14, 2));
  const auto second = whole(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::string_view zone = text.substr(19);
  if (zone.starts_with('.'))
    zone = zone.substr(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  std::chrono::minutes offset{0};
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    const auto hours = whole(zone.substr(1, 2));
    const auto minutes = whole(zone.substr(4, 2));
    if (!hours || !minutes) return std::nullopt;
    offset = std::chrono::minutes(*hours * 60 + *minutes);
    if (zone[0] == '-') offset = -offset;
  } else if (zone != "Z" && zone != "z") {
    return std::nullopt;
  }
  const WallTime at = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                      std::chrono::minutes(*minute) + std::chrono::seconds(*second) - offset;
  const auto left = std::chrono::duration_cast<milliseconds>(at - now);
  return bounded(std::max<double>(0, static_cast<double>(left.count())));
}

bool eat(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_known(const RateLimits::Window& window) {
  return window.limit || window.remaining || window.reset;
}

}  // namespace

std::shared_ptr<const RateLimits> read_rate_limits(const HttpResponse& reply, WallTime now) {
  RateLimits limits;
  RateLimits::Window input_tokens;
  bool any = false;
  for (const auto& [header, value] : reply.headers) {
    std::string_view name = header;
    RateLimits::Window* window = nullptr;
    std::string_view what;
    const bool anthropic = eat(name, "anthropic-ratelimit-");
    if (anthropic) {
      if (eat(name, "requests-")) window = &limits.requests;
      if (window == nullptr && eat(name, "tokens-")) window = &limits.tokens;
      if (window == nullptr && eat(name, "input-tokens-")) window = &input_tokens;
      what = name;
    } else if (eat(name, "x-ratelimit-")) {
      what = name.substr(0, name.find('-'));
      if (name.ends_with("-requests")) window = &limits.requests;
      if (name.ends_with("-tokens")) window = &limits.tokens;
      if (name.size() != what.size() + (window == &limits.requests ? 9u : 7u)) continue;
    }
    if (window == nullptr) continue;
    any = true;
    if (what == "limit") window->limit = whole(value);
    if (what == "remaining") window->remaining = whole(value);
    if (what == "reset") window->reset = anthropic ? until(value, now) : duration(value);
  }
  if (!any) return nullptr;
  if (!is_known(limits.tokens)) limits.tokens = input_tokens;
  if (!is_known(limits.requests) && !is_known(limits.tokens)) return nullptr;
  return std::make_shared<const RateLimits>(limits);
}

}  // namespace iie
