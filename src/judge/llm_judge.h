// An LLM as judge: fills the prompt in force, asks, and reads the reply (judge/verdict_parser.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/async.h"
#include "judge/judge.h"
#include "judge/model_judge.h"
#include "judge/prompt_set.h"
#include "provider/provider.h"

namespace iie {

struct LlmJudgeOptions {
  // The paper states no judge parameters. 0 keeps verdicts as repeatable as the endpoint allows;
  // models that refuse a temperature need it absent. The token limit is generous because a judge
  // that runs out of tokens while thinking gives no verdict at all.
  GenerationParams params = {.temperature = 0.0, .max_tokens = 16'384};
  // Calls in all for one verdict while replies cannot be read. Failed calls are not counted here:
  // those are the governed provider's to retry.
  int max_reads = 3;
  // For samples that bring no judge prompt.
  PromptSet prompts = default_prompt_set();
  // false: for all samples, whatever their dataset brings.
  bool dataset_prompts = true;
  // In place of the prompts' own system prompt; empty: without one.
  std::optional<std::string> system;
  // In place of the samples' own.
  std::optional<Aggregation> aggregation;
  // Asks for replies in the JSON schema of the verdict format; for endpoints that offer it.
  bool structured = false;
  // Calls are stored with the provider's name: for judges that are one of several.
  bool name_calls = false;
  CallsDropped dropped = nullptr;  // may be empty
};

// The verdict that needs no judge: a blank response fails (judge "blank"). Every judge asks this
// first.
std::optional<Judgement> judged_without_call(const Response& response);

// One thread (the event loop's).
class LlmJudge final : public ModelJudge {
 public:
  // `provider` is governed (limits, retries, deadlines) and must outlive the judge.
  explicit LlmJudge(Provider& provider, LlmJudgeOptions options = {});
  ~LlmJudge() override;

  const std::string& name() const override { return provider_.name(); }
  // Calls about the criteria of one response run at the same time. auth, not_found, cancelled and
  // our own mistakes are Errors; any other failure of a call is Unscored(judge_failed).
  //
  // A reply that cannot be read is asked for again, up to max_reads. At temperature 0 the same
  // request would bring the same reply, so the repeated one says what was wrong with the last: the
  // reading, never the grade.
  //
  // Samples with verifiable instructions beside the rubric fail here or stay Unscored(no_checker):
  // a judge's pass covers the rubric alone.
  Async<Result<Judgement>> judge_rest(const Sample& sample, const Response& response, int rollout,
                                      std::vector<CriterionVerdict> known) override;

  // Whether every sample has a prompt that can be filled (check_judge_prompts).
  Result<void> check(std::span<const Sample> samples) const;
  const LlmJudgeOptions& options() const { return options_; }

  // The messages that judge() sends about the whole response, or about `criterion` where the format
  // asks one by one; for tests and audits.
  Result<std::vector<Message>> messages(const Sample& sample, const Response& response,
                                        const Criterion* criterion,
                                        const std::vector<CriterionVerdict>& known = {});

 private:
  struct Question;
  struct Answer;

  // `sample` has a prompt in force. The response must outlive the question.
  Question question(const Sample& sample, const Response& response, int rollout,
                    std::vector<Message> messages) const;
  Async<void> ask(Question& question, Answer& answer);
  Result<PromptInForce> in_force(const Sample& sample) const;
  Async<Result<Judgement>> judge_whole(const Sample& sample, const Response& response, int rollout,
                                       std::vector<CriterionVerdict> known);
  Async<Result<Judgement>> judge_list(const Sample& sample, const Response& response, int rollout,
                                      std::vector<CriterionVerdict> known);
  Async<Result<Judgement>> judge_criteria(const Sample& sample, const Response& response,
                                          int rollout, std::vector<CriterionVerdict> known);
  Error stopped(std::vector<Answer>& answers, Error why) const;
  Result<const Template*> dataset_template(const JudgePrompt& prompt);

  Provider& provider_;
  LlmJudgeOptions options_;
  // Templates of datasets, parsed once. There are few: the official set has three.
  std::map<std::pair<VerdictFormat, std::string>, Template, std::less<>> templates_;
};

}  // namespace iie
