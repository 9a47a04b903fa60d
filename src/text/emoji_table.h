// Which single characters are emoji.
#pragma once

namespace iie {

// Whether a character alone is a sequence of Unicode's emoji-test.txt, the list that the Python
// package emoji 2.16 (Emoji 17.0) carries: pictographs with or without an emoji presentation ("™"),
// skin tones and hair components; not digits, variation selectors, joiners or regional indicators.
// A fixed list, so that a verdict does not change with the version of ICU.
bool is_single_emoji(char32_t c);

}  // namespace iie
