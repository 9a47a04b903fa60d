#include "provider/model_spec.h"

#include "base/string_util.h"

namespace iie {

namespace {

// Vendors are known by more names than one: a profile whose title has the word.
std::string titled(std::string_view word, const Profiles& profiles) {
  for (const Profile& profile : profiles.all()) {
    if (word.size() > 2 && ascii_lower(profile.title).find(word) != std::string::npos) {
      return "; that is '" + profile.name + "' here";
    }
  }
  return {};
}

}  // namespace

Result<ModelSpec> parse_model_spec(std::string_view text, const Profiles& profiles) {
  const std::string_view given = trim(text);
  const std::string shown = "'" + one_line(given, 80) + "'";
  const std::size_t colon = given.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorKind::usage, "model " + shown + ": write PROVIDER:NAME, for example openai:" +
                                      (given.empty() ? "NAME" : one_line(given, 80)));
  }
  ModelSpec spec{ascii_lower(trim(given.substr(0, colon))),
                 std::string(trim(given.substr(colon + 1)))};
  if (spec.provider != "replay" && profiles.find(spec.provider) == nullptr) {
    std::vector<std::string> names = profiles.names();
    names.emplace_back("replay");
    std::string hint = did_you_mean(spec.provider, names);
    if (hint.empty()) hint = titled(spec.provider, profiles);
    return fail(ErrorKind::usage,
                "model " + shown + ": unknown provider '" + one_line(spec.provider, 40) + "'" +
                    hint + " (known: " + join(names, ", ") + "; --providers FILE adds your own)");
  }
  if (spec.name.empty()) {
    return fail(ErrorKind::usage,
                "model " + shown + ": there is no name behind '" + spec.provider + ":'");
  }
  return spec;
}

}  // namespace iie
