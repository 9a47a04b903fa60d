// A small made-up run in the shapes that reports must show: two languages, hostile texts, every
// way to be unscored.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "report/report.h"
#include "report/report_builder.h"

namespace iie {

struct Rollout {
  ResponseRecord response;
  std::optional<JudgementRecord> judgement;
};

struct Fixture {
  RunInfo run;
  std::vector<Sample> samples;
  std::vector<Rollout> rollouts;

  Sample& add_sample(std::string id, std::string type, std::optional<Language> language,
                     std::string prompt) {
    Sample sample;
    sample.id = std::move(id);
    sample.type = std::move(type);
    sample.language = language;
    sample.question.messages.push_back({Role::user, std::move(prompt)});
    sample.question.rubric.push_back(
        {"c1", CriterionKind::inversion, "Keeps to what was asked.", true});
    samples.push_back(std::move(sample));
    return samples.back();
  }

  // The next rollout of the sample added last.
  Rollout& add_rollout(const Verdict& verdict, std::string text = "An answer.",
                       std::string judge = "rules") {
    Rollout& rollout = add_pending(std::move(text));
    rollout.judgement = JudgementRecord{rollout.response.id, verdict, std::move(judge), {}, {}};
    return rollout;
  }
  // A response that nobody has judged yet.
  Rollout& add_pending(std::string text = "An answer.") {
    Response response;
    response.text = std::move(text);
    response.finish = FinishReason::stop;
    Rollout rollout;
    rollout.response.id = next_id();
    rollout.response.response = std::move(response);
    rollouts.push_back(std::move(rollout));
    return rollouts.back();
  }
  // A model call that failed for good.
  Rollout& add_error(std::string message) {
    Rollout rollout;
    rollout.response.id = next_id();
    rollout.response.error = Error{ErrorKind::transient, std::move(message)};
    rollouts.push_back(std::move(rollout));
    return rollouts.back();
  }

  Report report(const ReportOptions& options = {}) const {
    ReportBuilder builder(run, samples, options);
    for (const Rollout& rollout : rollouts) {
      const auto added = builder.add(rollout.response.id, &rollout.response,
                                     rollout.judgement ? &*rollout.judgement : nullptr);
      if (!added) std::abort();
    }
    return builder.finish();
  }

  RolloutId next_id() const {
    const auto sample = static_cast<std::int32_t>(samples.size()) - 1;
    std::int32_t rollout = 0;
    if (!rollouts.empty() && rollouts.back().response.id.sample == sample) {
      rollout = rollouts.back().response.id.rollout + 1;
    }
    return {sample, rollout};
  }
};

inline Fixture empty_fixture(int rollouts = 1) {
  Fixture fixture;
  fixture.run.id = "0123456789ab";
  fixture.run.key = std::string(64, '0');
  fixture.run.tool_version = "0.1.0";
  fixture.run.spec.model = "openai:example-1";
  fixture.run.spec.judge = "auto";
  fixture.run.spec.rollouts = rollouts;
  fixture.run.spec.dataset = "open";
  fixture.run.spec.dataset_format = "native";
  fixture.run.spec.dataset_hash = std::string(64, 'd');
  return fixture;
}

// 8 types x 2 pairs x 2 languages x 2 rollouts; `strength` of 10 passes.
inline Fixture example_fixture(int strength = 6) {
  Fixture fixture = empty_fixture(2);
  fixture.run.spec.model_endpoint = "https://api.example.com/v1";
  fixture.run.spec.params.temperature = 0.7;
  int step = 0;
  for (const InstructionType& type : headline_types()) {
    for (int pair = 1; pair <= 2; ++pair) {
      for (const Language language : kLanguages) {
        const bool english = language == Language::english;
        Sample& sample = fixture.add_sample(
            fmt::format("{}-{:03}-{}", type.code, pair, english ? "en" : "zh"), type.code, language,
            english ? "Name three rivers.\nDo not use a list."
                    : "请说出三条河流的名字，不要使用列表，也不要分段，直接写成一句连贯的话。");
        sample.domain = pair == 1 ? "Earth Science" : "Daily Life";
        for (int rollout = 0; rollout < 2; ++rollout) {
          ++step;
          Rollout* added = nullptr;
          if (step * 7 % 10 < strength) {
            added = &fixture.add_rollout(Verdict::pass("all criteria met"));
          } else if (step % 11 == 0) {
            added = &fixture.add_rollout(
                Verdict::none(UnscoredReason::needs_judge, "no rule decides c1"));
          } else if (step % 13 == 0) {
            fixture.add_error("HTTP 503 from https://api.example.com/v1: overloaded");
            continue;
          } else {
            Verdict verdict = Verdict::fail("3 list items where none may be");
            verdict.criteria.push_back({"c1", Outcome::fail, "3 list items: \"- Rhine\""});
            added = &fixture.add_rollout(verdict, english ? "Sure!\n\n- Rhine\n- Nile\n- Amazon"
                                                          : "好的：\n- 莱茵河\n- 尼罗河");
          }
          Response& response = *added->response.response;
          response.model = "example-1-2026-01-01";
          response.usage = {.input_tokens = 20 + step, .output_tokens = 100 + 3 * step};
          if (step % 2 == 0) response.usage.reasoning_tokens = 50;
          response.latency = std::chrono::milliseconds(900 + 37 * step);
        }
      }
    }
  }
  return fixture;
}

}  // namespace iie
