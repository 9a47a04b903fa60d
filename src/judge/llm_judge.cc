#include "judge/llm_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <tuple>

#include "base/string_util.h"
#include "core/price.h"
#include "judge/aggregate.h"
#include "judge/verdict_parser.h"

namespace iie {
namespace {

namespace asio = boost::asio;

// The run cannot go on after these; any other failure is this verdict's alone.
bool stops_the_run(const Error& error) {
  switch (error.kind) {
    case ErrorKind::auth:
    case ErrorKind::not_found:
    case ErrorKind::cancelled:
    case ErrorKind::usage:
    case ErrorKind::bug:
      return true;
    default:
      return false;
  }
}

const CriterionVerdict* find_known(const std::vector<CriterionVerdict>& known,
                                   std::string_view id) {
  const auto found = std::ranges::find(known, id, &CriterionVerdict::id);
  return found == known.end() || found->outcome == Outcome::unscored ? nullptr : &*found;
}

// `compared`: each criterion is answered for itself and compared with what is expected afterwards,
// so that the judge is not told which answer counts.
std::string render_rubric(const Sample& sample, const std::vector<CriterionVerdict>& known,
                          bool compared) {
  const bool chinese = sample.language == Language::chinese;
  if (sample.question.rubric.empty()) {
    return chinese ? "（无单列要点，以参考说明为准）" : "(no separate list: go by the reference)";
  }
  std::string out;
  for (std::size_t i = 0; i < sample.question.rubric.size(); ++i) {
    const Criterion& criterion = sample.question.rubric[i];
    if (i > 0) out += '\n';
    out += fmt::format("{}. {}", i + 1, criterion.text);
    if (!criterion.expected && !compared)
      out += chinese ? "（必须不成立）" : " (must NOT be the case)";
    if (const CriterionVerdict* verdict = find_known(known, criterion.id)) {
      const bool passed = verdict->outcome == Outcome::pass;
      const bool met = compared ? passed == criterion.expected : passed;
      if (chinese) {
        out += met ? "（程序已核对：满足）" : "（程序已核对：不满足）";
      } else {
        out += met ? " (checked by a program: met)" : " (checked by a program: not met)";
      }
    }
  }
  return out;
}

// Our own rule for judges and people: a reply that was cut off may have been about to change its
// mind, whatever it says so far. Why nothing of it is read; empty where it is whole.
std::string cut_off(const Response& reply) {
  switch (reply.finish) {
    case FinishReason::length:
      return "the judge's reply was cut off at the token limit";
    case FinishReason::content_filter:
      return "the judge's reply was cut off by a content filter";
    default:
      return {};
  }
}

// The parser weighs both sides of an unpaired tag, so it gets the reply as it came.
std::string as_it_came(const Response& reply) {
  return reply.unpaired_reasoning ? reply.reasoning + "\n</think>\n" + reply.text : reply.text;
}

// What a judge asked for JSON of this shape must fill: "additionalProperties" false and everything
// "required", as every vendor wants it. The reasons come first, so that the verdict follows them.
std::shared_ptr<const OutputSchema> schema_of(VerdictFormat format) {
  const auto make = [](const char* json) {
    return std::make_shared<const OutputSchema>(OutputSchema{"verdict", json});
  };
  static const auto kScore =
      make(R"({"type":"object","properties":{"explanation":{"type":"string"},)"
           R"("answer_score":{"type":"integer","enum":[0,1]}},)"
           R"("required":["explanation","answer_score"],"additionalProperties":false})");
  static const auto kPassFail =
      make(R"({"type":"object","properties":{"explanation":{"type":"string"},)"
           R"("result":{"type":"string","enum":["PASS","FAIL"]}},)"
           R"("required":["explanation","result"],"additionalProperties":false})");
  static const auto kYesNo =
      make(R"({"type":"object","properties":{"explanation":{"type":"string"},)"
           R"("answer":{"type":"string","enum":["YES","NO"]}},)"
           R"("required":["explanation","answer"],"additionalProperties":false})");
  static const auto kList = make(
      R"({"type":"object","properties":{"criteria":{"type":"array","items":{"type":"object",)"
      R"("properties":{"id":{"type":"integer"},"evidence":{"type":"string"},)"
      R"("met":{"type":"boolean"}},"required":["id","evidence","met"],)"
      R"("additionalProperties":false}}},"required":["criteria"],"additionalProperties":false})");
  switch (format) {
    case VerdictFormat::answer_score:
      return kScore;
    case VerdictFormat::pass_fail:
      return kPassFail;
    case VerdictFormat::yes_no:
      return kYesNo;
    case VerdictFormat::criteria_list:
      return kList;
  }
  return nullptr;
}

// Behind the request that is asked again: what was wrong with the reply's form.
std::string again_note(bool chinese, std::string_view why) {
  return chinese ? fmt::format("\n\n（上一次的回复无法读取：{}。请按要求的格式重新回复。）", why)
                 : fmt::format(
                       "\n\n(The last reply could not be read: {}. Reply again in the form "
                       "asked for.)",
                       why);
}

std::string sent_text(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) text += message.content + '\n';
  return text;
}

// A pass of the rubric is not yet a pass where the sample also has instructions that only a checker
// can verify.
void require_checker(const Sample& sample, Verdict& verdict) {
  if (sample.instructions.empty() || verdict.outcome != Outcome::pass) return;
  verdict.outcome = Outcome::unscored;
  verdict.unscored = UnscoredReason::no_checker;
  verdict.reason = fmt::format("the judge passes it, but instruction '{}' has no checker",
                               one_line(sample.instructions.front().id, 60));
}

// What is known of each criterion once the response was judged as a whole.
std::vector<CriterionVerdict> criteria_of_whole(const Sample& sample, const Verdict& verdict,
                                                const std::vector<CriterionVerdict>& known) {
  std::vector<CriterionVerdict> criteria;
  if (known.empty()) return criteria;
  std::size_t open = 0;
  for (const Criterion& criterion : sample.question.rubric) {
    if (!find_known(known, criterion.id)) ++open;
  }
  for (const Criterion& criterion : sample.question.rubric) {
    if (const CriterionVerdict* decided = find_known(known, criterion.id)) {
      criteria.push_back(*decided);
      continue;
    }
    CriterionVerdict verdict_of_one{criterion.id, Outcome::unscored, "not judged on its own"};
    // A passing response meets all of them; one open criterion is what a failing one lacks.
    if (verdict.outcome == Outcome::pass || (verdict.outcome == Outcome::fail && open == 1)) {
      verdict_of_one.outcome = verdict.outcome;
      verdict_of_one.reason = verdict.reason;
    }
    criteria.push_back(std::move(verdict_of_one));
  }
  return criteria;
}

}  // namespace

// One verdict to be had.
struct LlmJudge::Question {
  GenerateRequest request;
  VerdictFormat format = VerdictFormat::answer_score;
  std::string criterion;  // empty for the whole response
  bool expected = true;
  std::string_view response;  // what is judged
  bool chinese = false;
  std::size_t listed = 0;  // criteria_list: how many criteria
};

struct LlmJudge::Answer {
  Outcome outcome = Outcome::unscored;
  UnscoredReason why = UnscoredReason::unreadable_reply;
  std::string reason;
  std::vector<ParsedVerdict> listed;  // criteria_list, once it was read
  std::vector<JudgeCall> calls;
  std::int64_t prompt_tokens = 0;  // an estimate
  std::optional<Error> stop;
};

std::optional<Judgement> judged_without_call(const Response& response) {
  if (!is_blank(response.text)) return std::nullopt;
  return Judgement{Verdict::fail("blank response"), "blank", {}};
}

LlmJudge::LlmJudge(Provider& provider, LlmJudgeOptions options)
    : provider_(provider), options_(std::move(options)) {}

LlmJudge::~LlmJudge() = default;

Result<void> LlmJudge::check(std::span<const Sample> samples) const {
  return check_judge_prompts(options_.prompts, samples, options_.dataset_prompts);
}

Result<PromptInForce> LlmJudge::in_force(const Sample& sample) const {
  return prompt_in_force(options_.prompts, sample, options_.dataset_prompts);
}

Result<const Template*> LlmJudge::dataset_template(const JudgePrompt& prompt) {
  std::pair<VerdictFormat, std::string> key{prompt.format, prompt.user_template};
  if (const auto found = templates_.find(key); found != templates_.end()) return &found->second;
  IIE_TRY(Template parsed, parse_dataset_template(prompt));
  return &templates_.emplace(std::move(key), std::move(parsed)).first->second;
}

Result<std::vector<Message>> LlmJudge::messages(const Sample& sample, const Response& response,
                                                const Criterion* criterion,
                                                const std::vector<CriterionVerdict>& known) {
  IIE_TRY(const PromptInForce prompt, in_force(sample));
  const Template* user = prompt.user;
  if (!user) {
    IIE_TRY(user, dataset_template(*prompt.prompt));
  }
  const bool compared = prompt.prompt->format == VerdictFormat::criteria_list;
  const std::string conversation = render_conversation(sample.question.messages);
  const std::string rubric =
      user->has_slot("rubric") ? render_rubric(sample, known, compared) : std::string();
  const std::string boundary =
      user->has_slot("boundary") ? boundary_for(response.text) : std::string();
  const Template::Value values[] = {
      {"prompt", conversation},
      {"response", response.text},
      {"model_response", response.text},
      {"reference", sample.question.reference},
      {"response_reference", sample.question.reference},
      {"standard_response", sample.question.reference},
      {"criteria", criterion ? std::string_view(criterion->text) : std::string_view()},
      {"rubric", rubric},
      {"boundary", boundary},
  };
  std::vector<Message> messages;
  const std::string& system = options_.system ? *options_.system : prompt.prompt->system;
  if (!system.empty()) messages.push_back({Role::system, system});
  messages.push_back({Role::user, user->fill(values)});
  return messages;
}

LlmJudge::Question LlmJudge::question(const Sample& sample, const Response& response, int rollout,
                                      std::vector<Message> messages) const {
  Question question;
  question.request.messages = std::move(messages);
  question.request.params = options_.params;
  question.request.sample_id = sample.id;
  question.request.rollout = rollout;
  question.format = in_force(sample)->prompt->format;
  question.response = response.text;
  question.chinese = sample.language == Language::chinese;
  return question;
}

Async<void> LlmJudge::ask(Question& question, Answer& answer) {
  const std::string prompt = sent_text(question.request.messages);
  const std::string request = question.request.messages.back().content;
  answer.prompt_tokens = estimated_tokens(question.request.messages);
  if (options_.structured) question.request.schema = schema_of(question.format);
  for (int read = 0; read < options_.max_reads; ++read) {
    question.request.ask = read;
    if (read > 0 && options_.params.temperature == 0.0) {
      question.request.messages.back().content =
          request + again_note(question.chinese, answer.reason);
    }
    Result<Response> reply = co_await provider_.generate(question.request);
    if (!reply) {
      if (stops_the_run(reply.error())) {
        answer.stop = std::move(reply).error();
      } else {
        answer.why = UnscoredReason::judge_failed;
        answer.reason = one_line(reply.error().message, 400);
      }
      co_return;
    }
    ParsedVerdict parsed{std::nullopt, cut_off(*reply)};
    bool readable = false;
    if (parsed.reason.empty() && question.format == VerdictFormat::criteria_list) {
      ParsedCriteria list =
          parse_criteria_list(as_it_came(*reply), question.listed, {question.response, prompt});
      readable = !list.criteria.empty();
      parsed.reason = std::move(list.reason);
      answer.listed = std::move(list.criteria);
    } else if (parsed.reason.empty()) {
      parsed = parse_verdict(question.format, as_it_came(*reply), {question.response, prompt});
      readable = parsed.met.has_value();
    }
    JudgeCall call;
    if (options_.name_calls) call.judge = name();
    call.criterion = question.criterion;
    call.reply = std::move(reply->text);
    call.reasoning = std::move(reply->reasoning);
    call.usage = reply->usage;
    call.latency = reply->latency;
    call.answered = reply->answered;
    call.readable = readable;
    answer.calls.push_back(std::move(call));
    answer.reason = std::move(parsed.reason);
    if (readable) {
      if (parsed.met) {
        answer.outcome = *parsed.met == question.expected ? Outcome::pass : Outcome::fail;
      }
      answer.why = UnscoredReason::none;
      co_return;
    }
  }
  answer.reason += fmt::format(" ({} {} read)", answer.calls.size(),
                               answer.calls.size() == 1 ? "reply" : "replies");
}

// `why`, once it was told what is lost with it.
Error LlmJudge::stopped(std::vector<Answer>& answers, Error why) const {
  if (!options_.dropped) return why;
  std::vector<JudgeCall> calls;
  for (Answer& answer : answers) {
    for (JudgeCall& call : answer.calls) {
      if (!call.usage.input_tokens) call.usage.input_tokens = answer.prompt_tokens;
      if (!call.usage.output_tokens) {
        call.usage.output_tokens = estimated_tokens(call.reply) + estimated_tokens(call.reasoning);
      }
      calls.push_back(std::move(call));
    }
  }
  if (!calls.empty()) options_.dropped(calls);
  return why;
}

Async<Result<Judgement>> LlmJudge::judge_rest(const Sample& sample, const Response& response,
                                              int rollout, std::vector<CriterionVerdict> known) {
  if (std::optional<Judgement> judgement = judged_without_call(response)) {
    co_return *std::move(judgement);
  }
  if (!sample.instructions.empty() && sample.question.rubric.empty() && !sample.judge_prompt) {
    co_return Judgement{Verdict::none(UnscoredReason::no_checker,
                                      fmt::format("instruction '{}' has no checker",
                                                  one_line(sample.instructions.front().id, 60))),
                        name(),
                        {}};
  }
  const Result<PromptInForce> prompt = in_force(sample);
  if (!prompt) co_return std::unexpected(prompt.error());
  Result<Judgement> judgement = fail(ErrorKind::bug, "not judged");
  const VerdictFormat format = prompt->prompt->format;
  if (format == VerdictFormat::answer_score) {
    judgement = co_await judge_whole(sample, response, rollout, std::move(known));
  } else if (sample.question.rubric.empty()) {
    judgement = fail(ErrorKind::bad_input,
                     fmt::format("sample {}: its judge prompt asks about each criterion, and there "
                                 "is none",
                                 one_line(sample.id, 80)));
  } else if (format == VerdictFormat::criteria_list) {
    judgement = co_await judge_list(sample, response, rollout, std::move(known));
  } else {
    judgement = co_await judge_criteria(sample, response, rollout, std::move(known));
  }
  if (judgement) require_checker(sample, judgement->verdict);
  co_return judgement;
}

Async<Result<Judgement>> LlmJudge::judge_whole(const Sample& sample, const Response& response,
                                               int rollout, std::vector<CriterionVerdict> known) {
  Result<std::vector<Message>> filled = messages(sample, response, nullptr, known);
  if (!filled) co_return std::unexpected(std::move(filled).error());
  Question question = this->question(sample, response, rollout, *std::move(filled));
  std::vector<Answer> answers(1);
  Answer& answer = answers.front();
  co_await ask(question, answer);
  if (answer.stop) co_return std::unexpected(stopped(answers, *std::move(answer.stop)));

  Judgement judgement;
  judgement.judge = name();
  judgement.verdict.outcome = answer.outcome;
  judgement.verdict.unscored = answer.why;
  judgement.verdict.reason = std::move(answer.reason);
  judgement.verdict.criteria = criteria_of_whole(sample, judgement.verdict, known);
  judgement.calls = std::move(answer.calls);
  co_return judgement;
}

Async<Result<Judgement>> LlmJudge::judge_list(const Sample& sample, const Response& response,
                                              int rollout, std::vector<CriterionVerdict> known) {
  Result<std::vector<Message>> filled = messages(sample, response, nullptr, known);
  if (!filled) co_return std::unexpected(std::move(filled).error());
  const std::vector<Criterion>& rubric = sample.question.rubric;
  Question question = this->question(sample, response, rollout, *std::move(filled));
  question.listed = rubric.size();
  std::vector<Answer> answers(1);
  Answer& answer = answers.front();
  co_await ask(question, answer);
  if (answer.stop) co_return std::unexpected(stopped(answers, *std::move(answer.stop)));

  std::vector<CriterionVerdict> criteria;
  for (std::size_t i = 0; i < rubric.size(); ++i) {
    if (const CriterionVerdict* decided = find_known(known, rubric[i].id)) {
      criteria.push_back(*decided);
    } else if (answer.listed.empty()) {
      criteria.push_back({rubric[i].id, Outcome::unscored, answer.reason});
    } else {
      const bool passed = *answer.listed[i].met == rubric[i].expected;
      criteria.push_back({rubric[i].id, passed ? Outcome::pass : Outcome::fail,
                          std::move(answer.listed[i].reason)});
    }
  }
  Judgement judgement;
  judgement.judge = name();
  judgement.calls = std::move(answer.calls);
  judgement.verdict =
      aggregate(options_.aggregation.value_or(sample.aggregation), std::move(criteria), answer.why);
  co_return judgement;
}

Async<Result<Judgement>> LlmJudge::judge_criteria(const Sample& sample, const Response& response,
                                                  int rollout,
                                                  std::vector<CriterionVerdict> known) {
  const std::vector<Criterion>& rubric = sample.question.rubric;
  std::vector<Question> questions;
  std::vector<std::size_t> asked;  // indices into the rubric
  for (std::size_t i = 0; i < rubric.size(); ++i) {
    if (find_known(known, rubric[i].id)) continue;
    Result<std::vector<Message>> filled = messages(sample, response, &rubric[i]);
    if (!filled) co_return std::unexpected(std::move(filled).error());
    Question question = this->question(sample, response, rollout, *std::move(filled));
    question.criterion = rubric[i].id;
    question.expected = rubric[i].expected;
    questions.push_back(std::move(question));
    asked.push_back(i);
  }

  std::vector<Answer> answers(questions.size());
  if (questions.size() == 1) {
    co_await ask(questions[0], answers[0]);
  } else if (!questions.empty()) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    using Call = decltype(asio::co_spawn(executor, ask(questions[0], answers[0]), asio::deferred));
    std::vector<Call> calls;
    calls.reserve(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) {
      calls.push_back(asio::co_spawn(executor, ask(questions[i], answers[i]), asio::deferred));
    }
    auto group = asio::experimental::make_parallel_group(std::move(calls));
    auto [order, exceptions] =
        co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    for (const std::exception_ptr& exception : exceptions) {
      if (exception) std::rethrow_exception(exception);
    }
  }

  Judgement judgement;
  judgement.judge = name();
  UnscoredReason why = UnscoredReason::unreadable_reply;
  std::vector<CriterionVerdict> criteria;
  for (const Criterion& criterion : rubric) {
    const CriterionVerdict* decided = find_known(known, criterion.id);
    criteria.push_back(decided ? *decided
                               : CriterionVerdict{criterion.id, Outcome::unscored, std::string()});
  }
  for (Answer& answer : answers) {
    if (answer.stop) co_return std::unexpected(stopped(answers, *std::move(answer.stop)));
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Answer& answer = answers[i];
    if (answer.why == UnscoredReason::judge_failed) why = UnscoredReason::judge_failed;
    criteria[asked[i]].outcome = answer.outcome;
    criteria[asked[i]].reason = std::move(answer.reason);
    std::ranges::move(answer.calls, std::back_inserter(judgement.calls));
  }
  judgement.verdict =
      aggregate(options_.aggregation.value_or(sample.aggregation), std::move(criteria), why);
  co_return judgement;
}

}  // namespace iie
