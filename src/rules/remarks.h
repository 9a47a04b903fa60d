// The phrases of remarks on how things really are and on what would be right. Internal to rules/.
#pragma once

#include <optional>
#include <string>

#include "rules/search_text.h"

namespace iie {

// The first listed phrase that the text holds, with what stands around it. `text` folds case.
std::optional<std::string> find_remark(const SearchText& text);

}  // namespace iie
