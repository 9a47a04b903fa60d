// Where keys and endpoints come from: the process's environment first, then `.env` in the working
// folder. A key may also stand in a file of its own, named by NAME_FILE in either place
// (OPENAI_API_KEY_FILE=/run/secrets/openai). Keys never come from argv and are never exported to
// children.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace iie {

class Environment {
 public:
  // Reads `.env` where there is one; bad_input names the line that cannot be read.
  static Result<Environment> load();
  // The same from text, for tests: KEY=VALUE lines, `export ` allowed, '#' comments, single or
  // double quotes around values.
  static Result<Environment> parse(std::string_view dotenv, std::string_view name);

  // Unset and empty are the same.
  std::optional<std::string> get(const std::string& name) const;
  // NAME, else what the file that NAME_FILE names holds, without white space around it. Empty where
  // there is neither; bad_input where the file cannot be read or holds nothing.
  Result<Secret> secret(const std::string& name) const;

  // Says that nothing will be sent, so that a missing key is no error.
  void set_offline() { offline_ = true; }
  bool offline() const { return offline_; }

 private:
  bool offline_ = false;
  std::map<std::string, std::string> file_;
};

}  // namespace iie
