// The dataset card: what a set holds, as Markdown with the front matter that dataset hubs read.
#pragma once

#include <string>

#include "authoring/validate.h"

namespace iie {

// Everything that is counted comes from `validation`. The prose of the embedded set is
// data/cards/open.md, whose {{slots}} are filled; another set gets the counts alone.
std::string dataset_card(const Validation& validation);

}  // namespace iie
