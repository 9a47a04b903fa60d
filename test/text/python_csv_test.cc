#include "text/python_csv.h"

#include <gtest/gtest.h>

namespace iie {
namespace {

using Rows = std::vector<CsvRow>;

// Expected values are those of CPython 3.11's csv.reader.

TEST(PythonCsv, SplitsRowsAndFields) {
  EXPECT_EQ(python_csv("a,b\nc,\n"), (Rows{{"a", "b"}, {"c", ""}}));
  EXPECT_EQ(python_csv("a\tb,c", '\t'), (Rows{{"a", "b,c"}}));
  EXPECT_EQ(python_csv(""), Rows());
  EXPECT_EQ(python_csv("a\n\nb"), (Rows{{"a"}, {}, {"b"}}));
  EXPECT_EQ(python_csv("a\r\nb\r\n"), (Rows{{"a"}, {"b"}}));
  EXPECT_EQ(python_csv("\r\n"), (Rows{{}}));
}

TEST(PythonCsv, QuotesWhereverTheyStand) {
  EXPECT_EQ(python_csv("\"a,b\",\"c\nd\""), (Rows{{"a,b", "c\nd"}}));
  EXPECT_EQ(python_csv("\"a\"\"b\""), (Rows{{"a\"b"}}));
  EXPECT_EQ(python_csv("\"a\"x,b"), (Rows{{"ax", "b"}}));
  EXPECT_EQ(python_csv("a\"b\",c"), (Rows{{"a\"b\"", "c"}}));
  EXPECT_EQ(python_csv("\"a\nb"), (Rows{{"a\nb"}}));  // never closed
  EXPECT_EQ(python_csv("\""), (Rows{{""}}));
  EXPECT_EQ(python_csv("\"a\rb\",c"), (Rows{{"a\rb", "c"}}));
}

TEST(PythonCsv, RefusesWhatPythonRefuses) {
  EXPECT_EQ(python_csv("a\rb"), std::nullopt);
  EXPECT_EQ(python_csv("\"\"\rx"), std::nullopt);
  EXPECT_TRUE(python_csv(std::string(131'072, 'a')).has_value());
  EXPECT_EQ(python_csv(std::string(131'073, 'a')), std::nullopt);
}

}  // namespace
}  // namespace iie
