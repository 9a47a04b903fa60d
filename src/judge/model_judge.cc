#include "judge/model_judge.h"

#include <boost/asio/awaitable.hpp>

namespace iie {

Async<Result<Judgement>> ModelJudge::judge(const Sample& sample, const Response& response,
                                           int rollout) {
  return judge_rest(sample, response, rollout, {});
}

}  // namespace iie
