// A provider that answers by script, and samples to judge.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "judge/judge.h"
#include "provider/provider.h"

namespace iie {

inline Response reply_of(std::string text) {
  Response response;
  response.text = std::move(text);
  response.finish = FinishReason::stop;
  return response;
}

class ScriptedJudgeModel final : public Provider {
 public:
  // What to answer to a request; called once per call.
  std::function<Result<Response>(const GenerateRequest&)> answer;
  std::vector<GenerateRequest> requests;
  int in_flight = 0;
  int peak = 0;

  // Answers in this order, whoever asks; a bug when there are no more.
  void script(std::vector<Result<Response>> replies) {
    answer = [queue = std::deque<Result<Response>>(replies.begin(), replies.end())](
                 const GenerateRequest&) mutable -> Result<Response> {
      if (queue.empty()) return fail(ErrorKind::bug, "the script is over");
      Result<Response> next = std::move(queue.front());
      queue.pop_front();
      return next;
    };
  }

  const std::string& name() const override { return name_; }
  Async<Result<Response>> generate(const GenerateRequest& request) override {
    namespace asio = boost::asio;
    requests.push_back(request);
    ++in_flight;
    peak = std::max(peak, in_flight);
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    --in_flight;
    co_return answer(request);
  }

 private:
  std::string name_ = "openai:judge";
};

// Runs one judgement to its end.
inline Result<Judgement> run_judge(Async<Result<Judgement>> judging) {
  boost::asio::io_context context;
  std::optional<Result<Judgement>> result;
  boost::asio::co_spawn(context, std::move(judging),
                        [&](const std::exception_ptr& exception, Result<Judgement> judged) {
                          if (exception) std::rethrow_exception(exception);
                          result = std::move(judged);
                        });
  context.run();
  return *std::move(result);
}

inline Result<Judgement> run_judge(Judge& judge, const Sample& sample, const Response& response) {
  return run_judge(judge.judge(sample, response, 0));
}

inline Sample native_sample() {
  Sample sample;
  sample.id = "qc-001-en";
  sample.type = "QC";
  sample.language = Language::english;
  sample.question.messages = {{Role::user, "Which is even? A 1 B 3 C 5"}};
  sample.question.reference = "Says that none is even.";
  sample.question.rubric = {{"c1", CriterionKind::inversion, "Says that no option is even.", true},
                            {"c2", CriterionKind::task, "Explains why.", true}};
  return sample;
}

}  // namespace iie
