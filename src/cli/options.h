// What the command line and the configuration file say, as plain values. register_*.cc fill them;
// one cmd_* function per subcommand takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace iie {

struct OutputOptions {
  std::string format = "terminal";  // terminal | json | md | csv, as the command takes
  std::string color = "auto";       // auto | always | never
  bool quiet = false;               // no progress, no notes
};

struct SelectionOptions {
  std::string dataset = "open";
  std::vector<std::string> types;
  std::vector<std::string> languages;
  std::vector<std::string> ids;
  std::optional<std::int64_t> limit;
  bool twins = false;  // ask the conventional controls too
};

// How calls are made: nothing here changes what a run's results mean.
struct CallOptions {
  std::int64_t max_connections = 64;
  std::int64_t judge_connections = 64;
  std::int64_t max_attempts = 5;
  double retry_seconds = 1'800;             // no further try of a call later than this
  std::optional<std::int64_t> max_retries;  // of the whole run; absent: 100 and one per call
  // Per minute; absent: what the endpoint says.
  std::optional<std::int64_t> rpm;
  std::optional<std::int64_t> tpm;
  std::optional<std::int64_t> judge_rpm;
  std::optional<std::int64_t> judge_tpm;
  double timeout_seconds = 600;
  double connect_timeout_seconds = 20;
  double idle_timeout_seconds = 300;
  // Absent: only the others count, and for streams two minutes.
  std::optional<double> first_byte_timeout_seconds;
  bool hedge_judge = false;
  std::string providers;  // file with provider profiles; empty: INVERSE_IFEVAL_PROVIDERS, or none
  bool stream = false;    // neither: as the endpoint's profile says
  bool no_stream = false;
};

// What surrounds the calls of a run: money, cache, recordings, log.
struct ControlOptions {
  std::string prices;  // file; empty: the embedded list alone
  std::optional<double> max_cost;
  std::string cache = "resume";  // off | resume | read | write | on
  std::string cache_file;        // empty: beside the store
  std::string record;            // file to write
  std::string replay;            // file to answer from
  std::string log_format = "text";
  std::string log_file;  // empty: standard error
  bool dry_run = false;
};

struct JudgeOptions {
  std::string judge = "auto";
  std::string base_url;     // empty: the model's
  std::string prompts;      // file; empty: the embedded ones
  std::string temperature;  // a number, or "none": not sent; empty: the default
  std::optional<std::int64_t> max_tokens;
  std::string reasoning;  // as --judge-reasoning spells it; empty: nothing is sent
};

struct ReportView {
  // Failing examples per type; absent: one on a terminal, where they would push the score away,
  // and three in files and for programs.
  std::optional<std::int64_t> examples;
  bool published = false;
  std::string verdicts;               // file for the verdicts on instructions, one line per prompt
  std::string calibration;            // file of `calibrate`: scores corrected for the judge's error
  std::string labels;                 // file of people's labels on a part of the run
  std::vector<std::int64_t> best_of;  // the N of Best-of-N; empty: powers of two up to the rollouts
  std::string prices;                 // file; empty: the embedded list alone
};

struct RunOptions {
  std::string model;
  std::string base_url;
  SelectionOptions selection;
  JudgeOptions judge;
  CallOptions calls;
  ControlOptions control;
  std::optional<std::int64_t> rollouts;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::optional<std::string> system;
  std::string reasoning;  // as --reasoning spells it; empty: nothing is sent
  std::string protocol;
  std::string store;
  std::string out;
  bool fresh = false;          // start anew even where the store has this run
  bool allow_missing = false;  // recorded responses need not cover every sample
  ReportView report;
  OutputOptions output;
};

struct ScoreOptions {
  std::string responses;
  std::string model;  // which model of the file, where it holds several
  RunOptions run;     // of it: all but the model's own options
};

struct ResumeOptions {
  std::string run;
  std::string responses;  // where recorded responses are now; empty: where they were
  std::string judge_prompts;
  CallOptions calls;
  ControlOptions control;
  std::string store;
  std::string out;
  ReportView report;
  OutputOptions output;
};

struct RunsOptions {
  std::string store;
  OutputOptions output;
};

struct StatusOptions {
  std::string run = "latest";
  bool follow = false;
  std::string store;
  OutputOptions output;
};

struct ShowOptions {
  std::string run;
  std::string sample;
  std::string store;
  OutputOptions output;
};

struct ReportCommandOptions {
  std::vector<std::string> runs;
  std::string store;
  std::string out;  // a file; empty: standard output
  ReportView report;
  OutputOptions output;
};

struct CompareOptions {
  std::vector<std::string> runs;  // two, the second of which may be "published:NAME"
  std::string store;
  std::string out;  // a file; empty: standard output
  bool common = false;
  bool any_judge = false;
  std::int64_t rounds = 10'000;
  std::int64_t seed = 1;
  OutputOptions output;
};

struct CompareBenchmarksOptions {
  std::vector<std::string> runs;
  std::string metric = "prompt_strict";  // of the conventional benchmark
  std::string store;
  std::string out;  // a file; empty: standard output
  bool common = false;
  bool any_judge = false;
  std::int64_t rounds = 2'000;
  std::int64_t seed = 1;
  OutputOptions output;
};

struct DataOptions {
  std::string name;    // dataset name or file
  std::string sample;  // show: one sample
  std::string out;     // import: file to write
  bool force = false;  // fetch again
  SelectionOptions selection;
  OutputOptions output;
};

struct DataValidateOptions {
  std::vector<std::string> names;    // datasets, files, folders; empty: the embedded set
  std::vector<std::string> against;  // that none of the questions may repeat
  bool strict = false;               // warnings fail too
  OutputOptions output;
};

struct DataFreshOptions {
  std::int64_t seed = 0;
  std::int64_t count = 100;
  std::vector<std::string> types;
  std::string language;  // empty: pairs of both
  std::string out;       // a file; empty: standard output
  OutputOptions output;
};

struct DataCardOptions {
  std::string name = "open";
  std::string out;  // a file; empty: standard output
  OutputOptions output;
};

struct ProvidersOptions {
  std::string name;  // PROFILE or PROFILE:MODEL; empty: all
  std::string providers;
  OutputOptions output;
};

struct RejudgeOptions {
  std::vector<std::string> runs;
  std::vector<std::string> judges;  // separated by commas
  std::vector<std::string> judge;   // one each, for panels
  JudgeOptions judging;             // its judge is not looked at
  std::string base_url;
  CallOptions calls;
  ControlOptions control;
  std::string store;
  bool fresh = false;               // start anew even where the store has these runs
  std::int64_t disagreements = 20;  // shown
  OutputOptions output;
};

struct CalibrateOptions {
  std::string labels;
  std::string dataset = "open";
  std::vector<std::string> types;
  std::vector<std::string> languages;
  std::vector<std::string> judges;
  bool ablation = false;
  std::vector<std::string> prompts = {"dataset", "open"};
  std::int64_t folds = 5;
  std::int64_t seed = 1;
  std::int64_t least = 10;  // labels in a cell, below which it is marked
  JudgeOptions judging;     // its judge is not looked at
  std::string base_url;
  CallOptions calls;
  ControlOptions control;
  std::string store;
  bool fresh = false;  // start anew even where the store has these runs
  std::string matrix_out;
  std::string calibration_out;
  OutputOptions output;
};

struct JudgeTestOptions {
  JudgeOptions judge;
  std::string base_url;
  std::vector<std::string> types;  // of the questions that attacks are put under
  std::string attacks;             // a file; empty: the embedded suite
  CallOptions calls;
  ControlOptions control;
  OutputOptions output;
};

struct DoctorOptions {
  std::string model;
  std::string base_url;
  JudgeOptions judge;
  std::string reasoning;
  std::string providers;
  bool stream = false;
  bool no_stream = false;
  double timeout_seconds = 30;
  OutputOptions output;
};

}  // namespace iie
