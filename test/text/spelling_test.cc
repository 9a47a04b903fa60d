#include "text/spelling.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace iie {
namespace {

TEST(Spelling, KnowsWordsInAnyCase) {
  ASSERT_TRUE(has_english_dictionary());
  for (const char* word :
       {"the",         "The",     "THE",      "receive", "don't",   "don’t",   "children's",
        "boss'",       "Paris",   "paris",    "a",       "I",       "café",    "naive",
        "jumped",      "well",    "internet", "html",    "isn't",   "o'clock", "rhythm",
        "accommodate", "website", "online",   "email",   "tomatoes"}) {
    EXPECT_TRUE(is_english_word(word)) << word;
  }
}

TEST(Spelling, KnowsBritishSpellings) {
  for (const char* word :
       {"colour",  "colours",       "favourite", "organise",   "organisation", "realised",
        "analyse", "centre",        "theatre",   "travelling", "traveller",    "defence",
        "grey",    "neighbourhood", "catalogue", "fulfil",     "programme",    "jewellery",
        "anaemia", "harbour",       "cancelled"}) {
    EXPECT_TRUE(is_english_word(word)) << word;
  }
}

TEST(Spelling, FindsMisspellings) {
  for (const char* word :
       {"teh",         "recieve",  "Recieve",  "seperate",  "definately", "accomodate",
        "wich",        "thier",    "freind",   "becuase",   "dont",       "untill",
        "occured",     "begining", "tommorow", "goverment", "enviroment", "rythm",
        "beleive",     "adress",   "realy",    "wierd",     "colur",      "organizse",
        "travellling", "xqzt",     "thhe",     "hapy",      "mornign",    "breakfats",
        "yestreday",   "cofee"}) {
    EXPECT_FALSE(is_english_word(word)) << word;
  }
}

TEST(Spelling, TakesAnyBytesAndThreads) {
  EXPECT_FALSE(is_english_word(""));
  EXPECT_FALSE(is_english_word(std::string(100'000, 'a')));
  EXPECT_FALSE(is_english_word("\xff\xfe\x01"));
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int j = 0; j < 200; ++j) {
        EXPECT_TRUE(is_english_word("harbour"));
        EXPECT_FALSE(is_english_word("harbuor" + std::string(1, static_cast<char>('a' + j % 26))));
      }
    });
  }
}

}  // namespace
}  // namespace iie
