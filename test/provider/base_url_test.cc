#include "provider/base_url.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

std::string canonical(Dialect dialect, std::string_view given) {
  const auto url = canonical_base_url(dialect, given);
  return url ? *url : std::string(to_string(url.error().kind));
}

TEST(BaseUrl, EveryHabitIsOne) {
  for (const char* base : {"http://h:8000/v1", "http://h:8000/v1/", "http://h:8000/v1//",
                           "http://h:8000/v1/chat/completions", "  http://h:8000/v1\n",
                           "http://h:8000/v1/chat/completions/", "http://h:8000/v1#f"}) {
    EXPECT_EQ(canonical(Dialect::openai_chat, base), "http://h:8000/v1") << base;
  }
  EXPECT_EQ(canonical(Dialect::openai_responses, "https://h/v1/responses"), "https://h/v1");
  for (const char* base : {"https://h", "https://h/", "https://h/v1", "https://h/v1/messages"}) {
    EXPECT_EQ(canonical(Dialect::anthropic, base), "https://h/v1") << base;
  }
  EXPECT_EQ(canonical(Dialect::anthropic, "https://h/anthropic"), "https://h/anthropic/v1");
  for (const char* base : {"https://h", "https://h/v1beta/", "https://h/v1beta/models"}) {
    EXPECT_EQ(canonical(Dialect::gemini, base), "https://h/v1beta") << base;
  }
  EXPECT_EQ(canonical(Dialect::gemini, "https://h/v1"), "https://h/v1");
}

TEST(BaseUrl, WhatIsNoneIsAUsageError) {
  for (const char* base : {"", "localhost:8000/v1", "ftp://h/v1", "http://", "http://a b/v1"}) {
    EXPECT_EQ(canonical(Dialect::openai_chat, base), "usage") << base;
  }
}

TEST(BaseUrl, RequestsGoWhereTheDialectSays) {
  EXPECT_EQ(request_url(Dialect::openai_chat, "https://h/v1", "m", true),
            "https://h/v1/chat/completions");
  EXPECT_EQ(request_url(Dialect::openai_chat, "https://h/d?api-version=1", "m", false),
            "https://h/d/chat/completions?api-version=1");
  EXPECT_EQ(request_url(Dialect::gemini, "https://h/v1?x=1", "tunedModels/m", true),
            "https://h/v1/tunedModels/m:streamGenerateContent?x=1&alt=sse");
  EXPECT_EQ(request_url(Dialect::gemini, "https://h/v1", "m?key=#", false),
            "https://h/v1/models/m%3Fkey%3D%23:generateContent");
}

}  // namespace
}  // namespace iie
