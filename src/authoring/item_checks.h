// What can be said of one item on its own. Internal to authoring/.
#pragma once

#include "authoring/items.h"
#include "authoring/problem.h"
#include "authoring/validate.h"

namespace iie {

// Adds the problems of one item. `written`: the set's items are written with checks, gold and twin,
// so this one has to have them. Adds what the gold responses came to. Thread-safe.
void check_item(const Item& item, bool written, Problems& problems, GoldCounts& gold);

}  // namespace iie
