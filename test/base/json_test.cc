#include "base/json.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <cmath>
#include <cstring>

#include "base/rng.h"

namespace iie {
namespace {

std::string error_of(std::string_view text) {
  const auto value = parse_json(text);
  return value ? "no error" : value.error().message;
}

TEST(Json, RoundTripsEveryDoubleBit) {
  Rng rng(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = rng();
    double number = 0;
    static_assert(sizeof bits == sizeof number);
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    std::string text;
    append_json_number(text, number);
    const auto back = parse_json(text);
    ASSERT_TRUE(back.has_value()) << text;
    const double read = back->is_double() ? back->get_double() : back->to_number<double>();
    ASSERT_EQ(read, number) << text;
  }
}

TEST(Json, NegativeZeroStaysItself) {
  std::string text;
  append_json_number(text, -0.0);
  const auto back = parse_json(text);
  ASSERT_TRUE(back.has_value()) << text;
  ASSERT_TRUE(back->is_double()) << text;
  EXPECT_TRUE(std::signbit(back->get_double()));
}

TEST(Json, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_EQ(error_of("1e999"), "line 1, column 6: number out of range");
  EXPECT_EQ(error_of("[-1e999]").substr(0, 6), "line 1");
  EXPECT_TRUE(parse_json("1e-999").has_value());
}

TEST(Json, NamesLineAndColumnOfAnError) {
  EXPECT_EQ(error_of("{\n  \"a\": 1,\n  oops\n}").substr(0, 6), "line 3");
  EXPECT_NE(error_of("{\"a\": [1, 2").find("unexpected end of JSON"), std::string::npos);
  EXPECT_NE(error_of("{} x").find("column 4: extra text"), std::string::npos);
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_NE(error_of(R"({"answer_score":0,"answer_score":1})").find("duplicate key"),
            std::string::npos);
  EXPECT_TRUE(parse_json(R"({"a":{"x":1},"b":{"x":1}})").has_value());
}

TEST(Json, RefusesDeepNestingInsteadOfOverflowing) {
  const std::string deep(100'000, '[');
  EXPECT_NE(error_of(deep).find("nested too deeply"), std::string::npos);
}

TEST(Json, RefusesInvalidUtf8AndControlCharacters) {
  EXPECT_NE(error_of("\"\xff\""), "no error");
  EXPECT_NE(error_of("\"a\nb\""), "no error");
  EXPECT_TRUE(parse_json("\xEF\xBB\xBF{}").has_value());
}

TEST(Json, EscapesWhatMustBeAndMendsBytes) {
  std::string out;
  append_json_string(out, std::string("q\"b\\n\n\x01\0é\xff", 11));
  EXPECT_EQ(out, "\"q\\\"b\\\\n\\n\\u0001\\u0000é\xEF\xBF\xBD\"");
  const auto back = parse_json(out);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->get_string().size(), 13u);
}

TEST(Json, EscapesAByteWhereverItStands) {
  // Plain text is taken eight bytes at a time: each byte at each place of a text of three words.
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 24; ++at) {
      std::string text = "plain text of 24 bytes..";
      text[at] = static_cast<char>(byte);
      std::string out;
      append_json_string(out, text);
      const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
      EXPECT_EQ(out.size() == text.size() + 2, !escaped) << byte << " at " << at;
      const auto back = parse_json(out);
      ASSERT_TRUE(back.has_value()) << byte << " at " << at;
      EXPECT_EQ(std::string(back->get_string()), text);
    }
  }
}

TEST(Json, CanonicalFormSortsKeys) {
  const auto value = parse_json(R"({"b":1,"a":{"d":[],"c":0.5}})");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(to_canonical_json(*value), R"({"a":{"c":0.5,"d":[]},"b":1})");
  EXPECT_EQ(to_json(*value), R"({"b":1,"a":{"d":[],"c":0.5}})");
}

TEST(Json, PrefixTellsHowMuchItTook) {
  std::size_t consumed = 0;
  const auto value = parse_json_prefix("{\"a\":1} and so on", consumed);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(consumed, 8u);  // the space behind it included
}

TEST(JsonFields, ReportsTheFirstErrorWithItsPath) {
  const auto value = parse_json(R"({"id": 3, "extra": 1})");
  JsonFields fields(*value, "rubric[2]");
  fields.required_string("id");
  EXPECT_EQ(fields.finish().error().message, "rubric[2].id: expected a string, got a number");
}

TEST(JsonFields, RejectsFieldsNobodyAskedForAndSuggests) {
  const auto value = parse_json(R"({"id": "x", "refrence": "y"})");
  JsonFields fields(*value, "");
  fields.required_string("id");
  fields.string_or("reference", "");
  EXPECT_EQ(fields.finish().error().message, "refrence: unknown field; did you mean 'reference'?");
}

}  // namespace
}  // namespace iie
