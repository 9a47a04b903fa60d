#include "base/yaml.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

std::string error_of(std::string_view text) {
  const auto root = parse_yaml(text);
  if (root) return "no error";
  return std::to_string(root.error().line) + ":" + std::to_string(root.error().column) + ": " +
         root.error().message;
}

TEST(Yaml, KeepsKindsTextsAndPlaces) {
  const auto root =
      parse_yaml("a: 1\nlist: [x, 'y z', ~]\nblock: |\n  two\n  lines\nmap: {k: v}\n");
  ASSERT_TRUE(root) << root.error().message;
  ASSERT_TRUE(root->is_map());
  EXPECT_EQ(root->size(), 4u);
  EXPECT_EQ((*root)["a"].text(), "1");
  EXPECT_FALSE((*root)["a"].is_quoted());
  const YamlNode& list = (*root)["list"];
  ASSERT_TRUE(list.is_sequence());
  EXPECT_EQ(list.line(), 2);
  EXPECT_EQ(list[1].text(), "y z");
  EXPECT_TRUE(list[1].is_quoted());
  EXPECT_EQ(list[1].column(), 11);
  EXPECT_TRUE(list[2].is_null());
  EXPECT_FALSE(list[3]);
  EXPECT_EQ((*root)["block"].text(), "two\nlines\n");
  EXPECT_EQ((*root)["map"]["k"].text(), "v");
  EXPECT_EQ(root->members()[3].key.line(), 6);
}

TEST(Yaml, NullIsWhatIsWrittenPlainly) {
  for (const char* text : {"", "# nothing\n", "~", "null", "Null", "NULL"}) {
    const auto root = parse_yaml(text);
    ASSERT_TRUE(root) << text;
    EXPECT_TRUE(root->is_null()) << text;
    EXPECT_TRUE(*root) << text;
  }
  for (const char* text : {"'~'", "\"null\"", "!!str null", "nULL", "''"}) {
    const auto root = parse_yaml(text);
    ASSERT_TRUE(root) << text;
    EXPECT_TRUE(root->is_scalar()) << text;
  }
}

TEST(Yaml, WhatIsAbsentIsNoKind) {
  const auto root = parse_yaml("a: {b: c}");
  ASSERT_TRUE(root);
  const YamlNode& absent = (*root)["x"]["y"];
  EXPECT_FALSE(absent);
  EXPECT_FALSE(absent.is_null() || absent.is_scalar() || absent.is_sequence() || absent.is_map());
  EXPECT_EQ(absent.text(), "");
  EXPECT_EQ(absent.size(), 0u);
  EXPECT_EQ(absent.line(), 0);
}

TEST(Yaml, RepeatedKeysStayAndTheFirstIsFound) {
  const auto root = parse_yaml("a: 1\na: 2\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->size(), 2u);
  EXPECT_EQ((*root)["a"].text(), "1");
}

TEST(Yaml, AliasesShareTheNodeOfACompleteAnchor) {
  const auto root = parse_yaml("a: &x [1, 2]\nb: *x\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(&(*root)["a"].elements(), &(*root)["b"].elements());
  EXPECT_EQ(error_of("a: *x\n"), "1:4: there is no anchor 'x' before");
  EXPECT_EQ(error_of("&x [*x]\n"), "1:5: there is no anchor 'x' before");
}

TEST(Yaml, APageThatStandsForMoreThanMemoryHoldsIsRead) {
  std::string bomb = "- &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    bomb += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ", *a" +
            std::to_string(i - 1) + "]\n";
  }
  const auto root = parse_yaml(bomb);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->size(), 60u);
}

TEST(Yaml, TheFirstDocumentCounts) {
  const auto root = parse_yaml("--- {a: 1}\n...\n--- {a: 2}\n");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["a"].text(), "1");
}

TEST(Yaml, ErrorsNameThePlace) {
  EXPECT_EQ(error_of("a: [1, 2\nb: 3\n").substr(0, 2), "2:");
  EXPECT_EQ(error_of("a: 1\n b: 2\n").substr(0, 2), "2:");
  EXPECT_EQ(error_of("a: [1"),
            "1:6: did not find expected ',' or ']' while parsing a flow sequence");
  EXPECT_EQ(error_of("a:\n- [太阳").substr(0, 4), "2:10");
  EXPECT_EQ(error_of("a: x\nb: \xff\n"), "2:4: invalid leading UTF-8 octet");
  EXPECT_EQ(error_of("a: \x01\n"), "1:4: control characters are not allowed");
}

TEST(Yaml, RefusesDeepNestingInsteadOfOverflowing) {
  EXPECT_NE(error_of(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
  std::string block;
  for (int i = 0; i < 100; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(error_of(block).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(error_of(std::string(64, '[') + std::string(64, ']')), "no error");
}

TEST(Yaml, RefusesChainsOfAliasesAsDeep) {
  const auto chain = [](int links) {
    std::string text = "- &a [x]\n";
    for (int i = 0; i < links; ++i) text += "- &a [*a]\n";
    return text;
  };
  EXPECT_EQ(error_of(chain(300'000)), "64:7: nested too deeply");
  EXPECT_EQ(error_of(chain(62)), "no error");
  EXPECT_EQ(error_of("a: &w {k: v}\nb: [*w, *w]\nc: {d: *w}\n"), "no error");
}

}  // namespace
}  // namespace iie
