// A clock that tests move, a provider that follows a script, a judge that looks for a word.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "judge/judge.h"
#include "provider/provider.h"

namespace iie {

class FakeClock final : public Clock {
 public:
  SteadyTime now() const override { return now_; }
  WallTime wall() const override { return WallTime(std::chrono::milliseconds(1'700'000'000'000)); }
  void advance(std::chrono::milliseconds duration) { now_ += duration; }

 private:
  SteadyTime now_{};
};

class ScriptedProvider final : public Provider {
 public:
  // Consumed first, one per call; then `fallback`; then a response that says `answer`.
  std::deque<Error> script;
  std::optional<Error> fallback;
  std::function<std::string(const GenerateRequest&)> answer = [](const GenerateRequest&) {
    return std::string("an answer");
  };
  // Calls wait in `held` until released.
  bool hold = false;
  std::deque<std::move_only_function<void()>> held;
  int calls = 0;
  int in_flight = 0;
  int peak = 0;
  std::map<std::pair<std::string, int>, int> asked;  // by sample id and rollout

  const std::string& name() const override { return name_; }

  void release_one() {
    auto resume = std::move(held.front());
    held.pop_front();
    resume();
  }

  Async<Result<Response>> generate(const GenerateRequest& request) override {
    namespace asio = boost::asio;
    ++calls;
    ++asked[{request.sample_id, request.rollout}];
    peak = std::max(peak, ++in_flight);
    if (hold) {
      co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
          [this](auto handler) { held.emplace_back(std::move(handler)); }, asio::use_awaitable);
    } else {
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    --in_flight;
    if (!script.empty()) {
      const Error error = script.front();
      script.pop_front();
      co_return std::unexpected(error);
    }
    if (fallback) co_return std::unexpected(*fallback);
    Response response;
    response.text = answer(request);
    response.finish = FinishReason::stop;
    co_return response;
  }

 private:
  std::string name_ = "fake:model";
};

// Passes a response that contains "good"; unscored where it contains "unclear".
class WordJudge final : public Judge {
 public:
  std::optional<Error> fail_with;
  bool broken_endpoint = false;
  int calls = 0;

  const std::string& name() const override { return name_; }
  Async<Result<Judgement>> judge(const Sample&, const Response& response, int) override {
    ++calls;
    if (fail_with) co_return std::unexpected(*fail_with);
    Judgement judgement;
    judgement.judge = name_;
    if (broken_endpoint) {
      judgement.verdict = Verdict::none(UnscoredReason::judge_failed, "timed out");
    } else if (response.text.find("unclear") != std::string::npos) {
      judgement.verdict = Verdict::none(UnscoredReason::needs_judge, "unclear");
    } else if (response.text.find("good") != std::string::npos) {
      judgement.verdict = Verdict::pass("good");
    } else {
      judgement.verdict = Verdict::fail("not good");
    }
    co_return judgement;
  }

 private:
  std::string name_ = "word";
};

}  // namespace iie
