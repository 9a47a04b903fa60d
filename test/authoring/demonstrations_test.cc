// data/open/demonstrations.jsonl: the responses that a first run without a network scores.
#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "authoring/items.h"
#include "base/embedded.h"
#include "base/json.h"
#include "base/string_util.h"

namespace iie {
namespace {

TEST(Demonstrations, HoldTwoRolloutsOfItemsThatExist) {
  Problems problems;
  const auto set = read_items("open", problems);
  ASSERT_TRUE(set && problems.empty());
  std::set<std::string> ids;
  for (const Item& item : set->items) ids.insert(item.sample.id);

  const auto file = embedded_file("open/demonstrations.jsonl");
  ASSERT_TRUE(file);
  std::map<std::string, std::set<std::int64_t>> rollouts;
  int blank = 0;
  for (const std::string_view line : split(*file, '\n')) {
    if (line.empty()) continue;
    const auto record = parse_json(line);
    ASSERT_TRUE(record) << record.error().message << ": " << line;
    JsonFields fields(*record, "");
    const std::string id = fields.required_string("id");
    const auto rollout = fields.optional_int("rollout");
    blank += fields.required_string("response").empty() ? 1 : 0;
    EXPECT_EQ(fields.required_string("model"), "written demonstrations (no real model)");
    ASSERT_TRUE(fields.finish(/*allow_unknown=*/true)) << line;
    ASSERT_TRUE(rollout) << line;
    ASSERT_TRUE(ids.contains(id)) << line;
    EXPECT_TRUE(rollouts[id].insert(*rollout).second) << line;
  }
  EXPECT_GE(rollouts.size(), 64U);
  for (const auto& [id, seen] : rollouts) EXPECT_EQ(seen, (std::set<std::int64_t>{0, 1})) << id;
  EXPECT_EQ(blank, 1);
}

}  // namespace
}  // namespace iie
