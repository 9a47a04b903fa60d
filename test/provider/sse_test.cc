#include "provider/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace iie {
namespace {

using testing::ElementsAre;

// "type|data" of each event, with the bytes fed in pieces of that size.
std::vector<std::string> events_of(std::string_view bytes, std::size_t piece = 1000) {
  std::vector<std::string> events;
  const auto take = [&](const SseEvent& event) {
    events.push_back(event.type + "|" + event.data);
    return true;
  };
  SseParser parser;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.substr(at, piece), take);
  }
  parser.finish(take);
  return events;
}

TEST(Sse, TheStandardsExamples) {
  // WHATWG HTML, 9.2.6, "Interpreting an event stream".
  EXPECT_THAT(events_of("data: YHOO\ndata: +2\ndata: 10\n\n"), ElementsAre("|YHOO\n+2\n10"));
  EXPECT_THAT(events_of(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                        "data:  third event\n\n"),
              ElementsAre("|first event", "|second event", "| third event"));
  EXPECT_THAT(events_of("data\n\ndata\ndata\n\n"), ElementsAre("|", "|\n"));
  EXPECT_THAT(events_of("data:test\n\ndata: test\n\n"), ElementsAre("|test", "|test"));
}

TEST(Sse, EveryLineEndAndAnyCut) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string stream = "event: a" + end + "data: x" + end + "data: y" + end + end +
                               ":sign of life" + end + end + "data: z" + end + end;
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
      EXPECT_THAT(events_of(stream, piece), ElementsAre("a|x\ny", "|z")) << piece;
    }
  }
}

TEST(Sse, AByteOrderMarkAtTheStartIsNoPartOfAField) {
  for (const std::size_t piece : {1u, 2u, 100u}) {
    EXPECT_THAT(events_of("\xEF\xBB\xBF"
                          "data: x\n\n\xEF\xBB\xBF"
                          "data: y\n\n",
                          piece),
                ElementsAre("|x"));
  }
}

TEST(Sse, AnEventWithoutDataIsNoneAndItsTypeIsForgotten) {
  EXPECT_THAT(events_of("event: ping\n\ndata: x\n\nretry: 10\nfoo: bar\n\n"), ElementsAre("|x"));
}

TEST(Sse, WhatNoEmptyLineEndedCountsAtTheEnd) {
  EXPECT_THAT(events_of("data: x\n\ndata: [DONE]"), ElementsAre("|x", "|[DONE]"));
  EXPECT_THAT(events_of("data: x\n"), ElementsAre("|x"));
}

TEST(Sse, StopsWhereTheSinkSaysSo) {
  int seen = 0;
  const auto once = [&](const SseEvent&) {
    ++seen;
    return false;
  };
  SseParser parser;
  parser.feed("data: x\n\ndata: y\n\n", once);
  parser.feed("data: z\n\n", once);
  parser.finish(once);
  EXPECT_EQ(seen, 1);
  EXPECT_TRUE(parser.stopped());
}

TEST(Sse, BodiesTellThemselvesApart) {
  for (const char* body : {"data: {}", "event: x\n", ": hi", "\n\r\nid: 4", "retry: 1",
                           "\xEF\xBB\xBF"
                           "data:x"}) {
    EXPECT_TRUE(looks_like_events(body, "application/json")) << body;
  }
  for (const char* body : {"{\"data\":1}", "[1]", "<html>", "database down", "null"}) {
    EXPECT_FALSE(looks_like_events(body, "text/event-stream")) << body;
  }
  EXPECT_TRUE(looks_like_events("", "Text/Event-Stream; charset=x"));
  EXPECT_FALSE(looks_like_events("", "application/json"));
}

TEST(Sse, UntilEventSeesTheLastOneWhereverItIsCut) {
  const std::string stream = "data: a\n\nevent: end\ndata: b\n\ndata: c\n\n";
  const std::size_t complete = stream.find("b\n\n") + 3;
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    const auto is_complete = until_event([](const SseEvent& event) { return event.type == "end"; });
    std::size_t size = 0;
    bool done = false;
    while (!done && size < stream.size()) {
      size = std::min(size + piece, stream.size());
      done = is_complete(std::string_view(stream).substr(0, size));
      ASSERT_EQ(done, size >= complete) << piece << ' ' << size;
    }
    EXPECT_TRUE(is_complete(stream));  // and stays so
  }
}

TEST(Sse, AnEndlessLineCostsItsSizeAndLinearTime) {
  SseParser parser;
  const std::string piece(1000, 'x');
  const auto take = [](const SseEvent&) { return true; };
  for (int i = 0; i < 10'000; ++i) parser.feed(piece, take);  // 10 MB without a line end
  parser.finish(take);
}

}  // namespace
}  // namespace iie
