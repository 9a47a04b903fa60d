// `data list|show|import|fetch`.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/string_util.h"
#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/loop.h"
#include "cli/output.h"
#include "dataset/catalog.h"
#include "dataset/hub.h"
#include "dataset/hub_set.h"
#include "dataset/reader.h"
#include "net/curl_transport.h"
#include "report/plain_text.h"
#include "rules/rule.h"

namespace iie {
namespace {

namespace bj = boost::json;

struct Counts {
  std::map<std::pair<std::string, std::string>, std::int64_t> cells;  // by type and language
  std::map<std::string, std::int64_t> domains;
  std::int64_t checked = 0;   // with checks
  std::int64_t complete = 0;  // that rules decide alone
  std::int64_t twins = 0;
  std::int64_t turns = 0;  // with several turns
};

std::string language_of(const Sample& sample) {
  return sample.language ? std::string(to_string(*sample.language)) : "(none)";
}

Counts count(const Dataset& dataset) {
  Counts counts;
  for (const Sample& sample : dataset.samples) {
    ++counts.cells[{sample.type.empty() ? "(none)" : sample.type, language_of(sample)}];
    if (!sample.domain.empty()) ++counts.domains[sample.domain];
    if (!sample.question.checks.empty()) ++counts.checked;
    if (sample.question.complete) ++counts.complete;
    if (sample.twin) ++counts.twins;
    if (sample.question.messages.size() > 1) ++counts.turns;
  }
  return counts;
}

bj::object counts_json(const Dataset& dataset) {
  const Counts counts = count(dataset);
  bj::object out{{"name", dataset.name},
                 {"format", dataset.format},
                 {"hash", dataset.hash},
                 {"samples", static_cast<std::int64_t>(dataset.samples.size())}};
  bj::array cells;
  for (const auto& [cell, n] : counts.cells) {
    cells.push_back(bj::object{{"type", cell.first}, {"language", cell.second}, {"samples", n}});
  }
  out["cells"] = std::move(cells);
  bj::object domains;
  for (const auto& [domain, n] : counts.domains) domains[domain] = n;
  out["domains"] = std::move(domains);
  out["with_checks"] = counts.checked;
  out["complete_checks"] = counts.complete;
  out["twins"] = counts.twins;
  out["several_turns"] = counts.turns;
  return out;
}

std::string counts_text(const Dataset& dataset) {
  const Counts counts = count(dataset);
  std::string out = fmt::format(
      "{}  {} sample{}, {} format\nhash {}\n{} have checks, {} of them complete (no judge needed); "
      "{} twins; {} with several turns\n\n",
      safe_excerpt(dataset.name, 120), dataset.samples.size(),
      dataset.samples.size() == 1 ? "" : "s", dataset.format, dataset.hash, counts.checked,
      counts.complete, counts.twins, counts.turns);
  Listing types({"TYPE", "LANGUAGE", ">SAMPLES"});
  for (const auto& [cell, n] : counts.cells) {
    types.add({cell.first, cell.second, std::to_string(n)});
  }
  out += types.text();
  if (!counts.domains.empty()) {
    Listing domains({"DOMAIN", ">SAMPLES"});
    for (const auto& [domain, n] : counts.domains) {
      domains.add({safe_excerpt(domain, 60), std::to_string(n)});
    }
    out += '\n' + domains.text();
  }
  return out;
}

}  // namespace

Result<int> cmd_data_list(const DataOptions& options) {
  bj::array array;
  Listing table({"NAME", ">SAMPLES", "HERE", "LICENCE", "WHAT"});
  for (const CatalogEntry& entry : catalog()) {
    bj::object one{{"name", entry.name},
                   {"title", entry.title},
                   {"license", entry.license},
                   {"present", entry.present}};
    if (entry.rows) one["samples"] = static_cast<std::int64_t>(*entry.rows);
    if (!entry.revision.empty()) one["revision"] = entry.revision;
    if (!entry.path.empty()) one["path"] = entry.path.string();
    array.push_back(std::move(one));
    const std::string fetch = "data fetch " + entry.name;
    table.add({entry.name, entry.rows ? std::to_string(*entry.rows) : "?",
               entry.present ? (entry.path.empty() ? "embedded" : "cached") : fetch, entry.license,
               entry.title});
  }
  print(options.output.format == "json" ? to_pretty_json(array) : table.text());
  return kExitOk;
}

Result<int> cmd_data_show(const DataOptions& options) {
  IIE_TRY(const Dataset dataset, open_dataset(options.name));
  if (options.sample.empty()) {
    print(options.output.format == "json" ? to_pretty_json(counts_json(dataset))
                                          : counts_text(dataset));
    return kExitOk;
  }
  std::vector<std::string> ids;
  for (const Sample& sample : dataset.samples) {
    if (sample.id == options.sample) {
      // A sample's text form is its JSON: what one edits.
      IIE_TRY(const bj::value value, parse_json(sample_to_json(sample)));
      print(to_pretty_json(value));
      return kExitOk;
    }
    ids.push_back(sample.id);
  }
  return fail(ErrorKind::not_found,
              fmt::format("{} has no sample '{}'{}", dataset.name, one_line(options.sample, 80),
                          did_you_mean(options.sample, ids)));
}

Result<int> cmd_data_import(const DataOptions& options) {
  IIE_TRY(const Dataset dataset, open_dataset(options.name));
  IIE_CHECK_OK(validate_checks(dataset.samples));
  const std::string text = native_jsonl(dataset);
  if (options.out.empty() || options.out == "-") {
    print(text);
    return kExitOk;
  }
  IIE_CHECK_OK(write_file(options.out, text));
  if (options.output.format == "json") {
    bj::object out = counts_json(dataset);
    out["path"] = options.out;
    print(to_pretty_json(out));
  } else {
    note(options.output, fmt::format("Wrote {} samples ({}) to {}", dataset.samples.size(),
                                     dataset.format, options.out));
  }
  return kExitOk;
}

Result<int> cmd_data_fetch(const DataOptions& options) {
  IIE_TRY(const Environment environment, Environment::load());
  for (const CatalogEntry& entry : catalog()) {
    if (entry.name != options.name || !entry.present || options.force) continue;
    note(options.output, fmt::format("{} is already here; --force fetches it again", entry.name));
    if (options.output.format == "json") {
      print(to_pretty_json(
          bj::object{{"name", entry.name}, {"path", entry.path.string()}, {"fetched", false}}));
    }
    return kExitOk;
  }
  if (find_hub_set(options.name) != nullptr) {
    note(options.output, fmt::format("Fetching {}", options.name));
  }
  HubOptions hub;
  hub.cache = user_cache_dir();
  if (const auto endpoint = environment.get("HF_ENDPOINT")) hub.endpoint = *endpoint;
  IIE_TRY(hub.token, environment.secret("HF_TOKEN"));
  boost::asio::io_context loop;
  const std::unique_ptr<Transport> transport = make_curl_transport(loop.get_executor());
  IIE_TRY(const FetchReport report, run_to_end(loop, fetch_dataset(*transport, options.name, hub)));
  if (report.changed) {
    log(LogLevel::warn, fmt::format("{} differs from what was fetched before: the hub's '{}' has "
                                    "moved on, so scores may not compare with earlier ones",
                                    report.name, report.revision));
  }
  if (options.output.format == "json") {
    print(to_pretty_json(bj::object{{"name", report.name},
                                    {"path", report.path.string()},
                                    {"fetched", true},
                                    {"repo", report.repo},
                                    {"revision", report.revision},
                                    {"commit", report.commit},
                                    {"sha256", report.sha256},
                                    {"samples", static_cast<std::int64_t>(report.rows)}}));
  } else {
    print(fmt::format("{}: {} samples, sha256 {}\n{}\n", report.name, report.rows, report.sha256,
                      report.path.string()));
  }
  return kExitOk;
}

}  // namespace iie
