// rejudge, calibrate and judge-test.
#include "cli/command_line.h"

namespace iie {

void register_judging(CommandLine&) {}

}  // namespace iie
