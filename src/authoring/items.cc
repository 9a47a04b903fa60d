#include "authoring/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"
#include "base/string_util.h"
#include "dataset/catalog.h"
#include "dataset/embedded_set.h"

namespace iie {
namespace {

namespace fs = std::filesystem;

enum class Kind { native, responses, foreign };

// What the first line that can be read looks like. A native file whose first lines are broken is
// still native, so a few are tried.
Kind kind_of(std::string_view text) {
  int tried = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    if (tried++ == 20) break;
    const auto value = parse_json(line);
    if (!value || !value->is_object()) continue;
    const auto& object = value->get_object();
    if (object.contains("messages")) return Kind::native;
    if (object.contains("schema")) return Kind::native;
    if (object.contains("response") || object.contains("generated_response")) {
      return Kind::responses;
    }
    return Kind::foreign;
  }
  return Kind::foreign;
}

// "rubric[2].id: expected a string" names its field before the first colon; a message about the
// whole line ("line 1, column 7: ...") does not.
void split_field(std::string message, Problem& problem) {
  if (message.starts_with("line ")) {
    const std::size_t colon = message.find(": ");
    const std::size_t column = message.find("column ");
    if (colon != std::string::npos && column < colon) {
      problem.message =
          fmt::format("{} ({})", message.substr(colon + 2), message.substr(column, colon - column));
      return;
    }
  }
  const std::size_t colon = message.find(": ");
  if (colon != std::string::npos && message.find(' ') > colon) {
    problem.field = message.substr(0, colon);
    message.erase(0, colon + 2);
  }
  problem.message = std::move(message);
}

void read_native(std::string_view text, const std::string& file, ItemSet& set, Problems& problems) {
  set.files.push_back(file);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    if (!is_valid_utf8(line)) {
      problems.push_back({Severity::error, "schema", file, number, "", "", "is not valid UTF-8"});
      continue;
    }
    auto sample = sample_from_json(line);
    if (sample) {
      set.items.push_back({*std::move(sample), file, number});
      continue;
    }
    Problem problem{Severity::error, "schema", file, number, "", "", ""};
    split_field(std::move(sample).error().message, problem);
    problems.push_back(std::move(problem));
  }
}

// "data.jsonl:12" as a file and a line; any other place is a name as it is.
std::pair<std::string, std::size_t> file_and_line(const std::string& place) {
  const std::size_t colon = place.rfind(':');
  std::size_t line = 0;
  if (colon != std::string::npos) {
    const char* const end = place.data() + place.size();
    const auto read = std::from_chars(place.data() + colon + 1, end, line);
    if (read.ec == std::errc() && read.ptr == end) return {place.substr(0, colon), line};
  }
  return {place, 0};
}

// An error of a reader that begins with the file's name, and perhaps with line and column behind
// it.
Problem unreadable(std::string_view name, std::string_view message) {
  Problem problem{Severity::error, "schema", std::string(name), 0, "", "", ""};
  if (message.starts_with(name) && message.substr(name.size()).starts_with(':')) {
    message.remove_prefix(name.size() + 1);
    std::size_t line = 0;
    const auto read = std::from_chars(message.data(), message.data() + message.size(), line);
    const auto size = static_cast<std::size_t>(read.ptr - message.data());
    if (read.ec == std::errc() && message.substr(size).starts_with(':')) {
      problem.line = line;
      message.remove_prefix(size + 1);
      if (!message.starts_with(' ')) problem.message = "column ";
    }
  }
  problem.message += trim(message);
  return problem;
}

Result<void> read_foreign(std::string_view name, ItemSet& set, Problems& problems) {
  set.files.emplace_back(name);
  auto dataset = open_dataset(name);
  if (!dataset) {
    if (dataset.error().kind == ErrorKind::not_found) return std::unexpected(dataset.error());
    problems.push_back(unreadable(name, dataset.error().message));
    return {};
  }
  for (std::size_t i = 0; i < dataset->samples.size(); ++i) {
    std::pair<std::string, std::size_t> place{std::string(name), 0};
    if (i < dataset->places.size()) place = file_and_line(dataset->places[i]);
    set.items.push_back({std::move(dataset->samples[i]), place.first, place.second});
  }
  return {};
}

Result<void> read_folder(const fs::path& folder, ItemSet& set, Problems& problems) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().extension() == ".jsonl") files.push_back(at->path());
  }
  if (failed) {
    return fail(ErrorKind::bad_input, fmt::format("{}: {}", folder.string(), failed.message()));
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    IIE_TRY(const std::string text, read_file(file));
    if (kind_of(text) == Kind::native) read_native(text, file.string(), set, problems);
  }
  if (set.files.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: holds no .jsonl file of native samples", folder.string()));
  }
  return {};
}

}  // namespace

Result<ItemSet> read_items(std::string_view name, Problems& problems) {
  ItemSet set;
  set.name = name;
  std::error_code ignored;
  if (const EmbeddedSet* const embedded = find_embedded_set(name)) {
    set.whole = true;
    for (const std::string_view path : embedded->files()) {
      read_native(*embedded_file(path), fmt::format("data/{}", path), set, problems);
    }
  } else if (fs::is_directory(fs::path(name), ignored)) {
    set.whole = true;
    // "data/open/" is the set "open".
    fs::path folder(name);
    if (!folder.has_filename()) folder = folder.parent_path();
    set.name = folder.filename().string();
    IIE_CHECK_OK(read_folder(fs::path(name), set, problems));
  } else if (fs::is_regular_file(fs::path(name), ignored)) {
    IIE_TRY(const std::string text, read_file(fs::path(name)));
    if (kind_of(text) == Kind::native) {
      read_native(text, std::string(name), set, problems);
    } else {
      IIE_CHECK_OK(read_foreign(name, set, problems));
    }
  } else {
    IIE_CHECK_OK(read_foreign(name, set, problems));
    set.whole = true;
  }
  return set;
}

}  // namespace iie
