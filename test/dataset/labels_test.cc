#include "dataset/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/shared_files.h"

namespace iie {
namespace {

using testing::HasSubstr;

Dataset two_samples() {
  Dataset dataset;
  for (const char* id : {"qc-1", "cc-1"}) {
    Sample sample;
    sample.id = id;
    sample.question.messages = {{Role::user, std::string("question of ") + id}};
    dataset.samples.push_back(sample);
  }
  return dataset;
}

TEST(Labels, OneResponseMayHaveSeveralAnnotators) {
  const auto labels = parse_labels(
      R"({"row": 1, "response": "b", "label": 0}
{"sample": "qc-1", "response": "a", "label": 1, "annotator": "ann", "note": "ignored"}
{"sample": "qc-1", "response": "a", "label": true, "annotator": "bob"}
{"sample": "qc-1", "response": "a", "label": 0, "annotator": "cem"}
{"sample": "qc-1", "response": "c", "label": 0, "annotator": "ann"}
{"sample": "qc-1", "response": "c", "label": 1, "annotator": "bob"}
{"row": 1, "response": "b", "label": 0})",
      "l.jsonl", two_samples());
  ASSERT_TRUE(labels) << labels.error().message;
  ASSERT_EQ(labels->responses.size(), 3u);
  EXPECT_EQ(labels->responses[0].response, "a");
  EXPECT_EQ(labels->responses[0].label(), true);
  EXPECT_EQ(labels->responses[1].label(), std::nullopt) << "one says this, one says that";
  EXPECT_EQ(labels->responses[2].sample, 1u);
  EXPECT_EQ(labels->responses[2].label(), false);
  EXPECT_EQ(labels->annotators, (std::vector<std::string>{"ann", "bob", "cem"}));
  EXPECT_EQ(labels->hash.size(), 64u);
}

TEST(Labels, SaysWhatIsWrongAndWhere) {
  const auto error = [](std::string_view text) {
    const auto labels = parse_labels(text, "l.jsonl", two_samples());
    return labels ? std::string("read") : labels.error().message;
  };
  EXPECT_THAT(error(R"({"sample": "qc-2", "response": "a", "label": 1})"),
              HasSubstr("l.jsonl:1: sample: the dataset has no sample 'qc-2'; did you mean"));
  EXPECT_THAT(error(R"({"row": 2, "response": "a", "label": 1})"), HasSubstr("rows are 0 to 1"));
  EXPECT_THAT(error(R"({"row": 0, "sample": "qc-1", "response": "a", "label": 1})"),
              HasSubstr("twice"));
  EXPECT_THAT(error(R"({"response": "a", "label": 1})"), HasSubstr("expected 'sample'"));
  EXPECT_THAT(error(R"({"row": 0, "label": 1})"), HasSubstr("response"));
  EXPECT_THAT(error(R"({"row": 0, "response": "a", "label": 2})"),
              HasSubstr("expected 0 or 1, got 2"));
  EXPECT_THAT(error(R"({"row": 0, "response": "a", "label": "1"})"),
              HasSubstr("expected 0 or 1, got \"1\""));
  EXPECT_THAT(error(R"({"row": 0, "response": "a"})"), HasSubstr("got none"));
  EXPECT_THAT(
      error("{\"row\": 0, \"response\": \"a\", \"label\": 1, \"annotator\": \"ann\"}\n"
            "{\"row\": 0, \"response\": \"a\", \"label\": 0, \"annotator\": \"ann\"}"),
      HasSubstr("l.jsonl:2: label: 'ann' gives this response of sample 'qc-1' 0 here and 1"));
  EXPECT_THAT(error("{\"row\": 0, \"response\": \"a\", \"label\": 1}\n"
                    "{\"row\": 0, \"response\": \"a\", \"label\": 0}"),
              HasSubstr("an unnamed annotator"));
  EXPECT_THAT(error("sample,label\n"), HasSubstr("expected labels as JSON lines"));
  EXPECT_THAT(error(""), HasSubstr("expected labels"));
}

}  // namespace
}  // namespace iie
