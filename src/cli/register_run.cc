// run, score, resume; doctor.
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/options.h"

namespace iie {
namespace {

void add_run_like(CliCommand command, RunOptions& run) {
  add_selection(command, run.selection);
  add_judge(command, run.judge);
  add_calls(command, run.calls);
  add_control(command, run.control);
  add_store(command, run.store);
  command.option("--out", run.out, "Folder for the report files (default RUN beside the store)")
      .type("DIR")
      .group("Output");
  command.flag("--new", run.fresh, "Start anew where the store already has this very run")
      .group("Output");
  command
      .flag("--twins", run.selection.twins,
            "Ask the conventional twins too: how much of the failures is habit")
      .group("Questions");
  command
      .flag("--allow-missing", run.allow_missing,
            "Recorded responses may leave samples out: score what is there")
      .group("Questions");
  add_report(command, run.report);
  add_output(command, run.output, kFormats);
}

void add_run(CommandLine& line) {
  auto [command, run] =
      line.add<RunOptions>("run", "Generate, judge, store and report", cmd_run, R"(
PROFILE is openai, anthropic, gemini, deepseek, qwen, openrouter, vllm, ollama ...:
`inverse-ifeval providers` lists them. Every flag is also a YAML key of --config
(max_tokens: 4096). Keys come from the environment (OPENAI_API_KEY, ...) and .env,
never from flags. The same run started twice goes on where it stopped; --new starts
over. Ctrl-C stops gently, twice at once.

Examples:
  inverse-ifeval run --model replay:demonstrations
  inverse-ifeval run --model openai:gpt-4.1-mini --judge auto:openai:gpt-4.1 --limit 16
  inverse-ifeval run --model anthropic:claude-opus-5 --reasoning high --judge rules
  inverse-ifeval run --model vllm:qwen3-8b --base-url http://gpu1:8000/v1 \
      --judge openai:gpt-4.1 --judge-base-url https://api.openai.com/v1 \
      --dataset official --protocol paper
  inverse-ifeval run --model openai:gpt-4.1 --dataset open+further)");
  command.option("--model,-m", run.model, "PROFILE:NAME, or replay:FILE (recorded responses)")
      .type("SPEC")
      .group("Model");
  command
      .option("--base-url", run.base_url,
              "Endpoint (default: the profile's; OPENAI_BASE_URL for openai, ...)")
      .type("URL")
      .group("Model");
  add_reasoning(command, run.reasoning);
  command.option("--rollouts,-n", run.rollouts, "Responses per question (default 1)")
      .whole_number(1, 100'000)
      .type("N")
      .group("Model");
  command.option("--temperature", run.temperature, "Default: the endpoint's")
      .number(0.0, 2.0)
      .type("T")
      .group("Model");
  command.option("--top-p", run.top_p, "Default: the endpoint's")
      .number(0.0, 1.0)
      .type("P")
      .group("Model");
  command.option("--max-tokens", run.max_tokens, "Default: the endpoint's")
      .whole_number(1)
      .type("N")
      .group("Model");
  command.option("--seed", run.seed, "Sent to endpoints that take one")
      .whole_number()
      .type("N")
      .group("Model");
  command.option("--system", run.system, "System prompt (default none)")
      .type("TEXT")
      .group("Model");
  command
      .option("--protocol", run.protocol,
              "paper: 6 rollouts, no system prompt, as the published results")
      .one_of(std::vector<std::string>{"paper"})
      .type("NAME")
      .group("Model");
  command.config();
  add_run_like(command, run);
}

void add_score(CommandLine& line) {
  auto [command, score] = line.add<ScoreOptions>(
      "score", "Judge recorded responses: the same without generating", cmd_score, R"(
RESPONSES is JSONL: {"id" or "prompt", "response"[, "rollout", "model", "reasoning"]}.

Example:
  inverse-ifeval score responses.jsonl --dataset official --judge openai:gpt-4.1)");
  command.option("responses", score.responses, "Recorded responses (JSONL)")
      .required()
      .type("FILE");
  command.option("--model,-m", score.model, "Which model, where the file holds several")
      .type("NAME");
  command.option("--base-url", score.run.base_url, "The judge's endpoint (as --judge-base-url)")
      .type("URL")
      .group("Judge");
  command.config();
  add_run_like(command, score.run);
}

void add_resume(CommandLine& line) {
  auto [command, resume] = line.add<ResumeOptions>(
      "resume", "Finish a run that was interrupted or had failing calls", cmd_resume, R"(
RUN is an id from `inverse-ifeval runs`, its beginning, or "latest". Only what is
missing is done; finished work is never repeated.)");
  command.option("run", resume.run, "Run id, prefix or 'latest'").required().type("RUN");
  command
      .option("--responses", resume.responses,
              "Where the recorded responses are now, if they moved")
      .type("FILE");
  command.option("--judge-prompts", resume.judge_prompts, "The prompts file that the run used")
      .type("FILE");
  add_calls(command, resume.calls);
  add_control(command, resume.control);
  add_store(command, resume.store);
  command.option("--out", resume.out, "Folder for the report files (default RUN beside the store)")
      .type("DIR")
      .group("Output");
  add_report(command, resume.report);
  add_output(command, resume.output, kFormats);
}

}  // namespace

void register_run(CommandLine& line) {
  add_run(line);
  add_score(line);
  add_resume(line);
}

void register_providers(CommandLine& line) {
  auto [command, providers] = line.add<ProvidersOptions>(
      "providers", "The endpoints that --model PROFILE:NAME may name", cmd_providers, R"(
Examples:
  inverse-ifeval providers
  inverse-ifeval providers anthropic:claude-opus-5 --format json)");
  command.option("profile", providers.name, "One profile, or one model of it")
      .type("PROFILE[:MODEL]");
  command
      .option("--providers", providers.providers,
              "YAML file with provider profiles of your own (doc/providers.md)")
      .type("FILE");
  add_output(command, providers.output, kListFormats);
}

void register_doctor(CommandLine& line) {
  auto [command, doctor] = line.add<DoctorOptions>(
      "doctor", "Check endpoint, key, model and judge with one call each", cmd_doctor, R"(
Example:
  inverse-ifeval doctor --model openai:NAME --base-url URL --judge auto:openai:JUDGE)");
  command.option("--model,-m", doctor.model, "PROFILE:NAME").type("SPEC");
  command.option("--base-url", doctor.base_url, "Endpoint").type("URL");
  add_reasoning(command, doctor.reasoning);
  add_providers(command, doctor.providers, doctor.stream, doctor.no_stream);
  command.option("--timeout", doctor.timeout_seconds, "Seconds for one call (default 30)")
      .number(0.001, 86'400.0)
      .type("SECONDS");
  add_judge(command, doctor.judge);
  command.config();
  add_output(command, doctor.output, kListFormats);
}

}  // namespace iie
