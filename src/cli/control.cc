#include "cli/control.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/output.h"
#include "engine/recording.h"

namespace iie {

Result<Environment> load_environment(const ControlOptions& control) {
  if (control.log_format == "json" && control.log_file.empty()) use_json_diagnostics();
  if (!control.record.empty() && !control.replay.empty()) {
    return fail(ErrorKind::usage, "--record writes a recording and --replay reads one: not both");
  }
  IIE_TRY(Environment environment, Environment::load());
  if (control.dry_run || !control.replay.empty()) environment.set_offline();
  return environment;
}

Result<void> open_recording(RunnerOptions& runner, const std::string& key) {
  if (const std::string& file = runner.control.record; !file.empty()) {
    IIE_TRY(runner.record, RecordingFile::open(file, key));
  }
  if (const std::string& file = runner.control.replay; !file.empty()) {
    IIE_TRY(Recording recording, Recording::load(file));
    if (recording.run_key() != key) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: is the recording of another run: its model, endpoints, "
                              "parameters, judge, prompts or samples were others",
                              file));
    }
    runner.replay = std::make_shared<Recording>(std::move(recording));
  }
  return {};
}

Result<void> check_recorded_from_the_start(const RunnerOptions& options, const RunInfo& run,
                                           const RunState& state) {
  if (!options.record || options.record->went_on() || state.responded == 0) return {};
  return fail(ErrorKind::usage,
              fmt::format("run {} has {} responses that {} does not hold: --record from the start "
                          "(--new starts over)",
                          run.id, state.responded, options.control.record));
}

}  // namespace iie
