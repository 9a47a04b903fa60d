#include "cli/app.h"

#include <csignal>

#include "cli/command_line.h"

namespace iie {

int run_app(int argc, char** argv) {
  // A reader that goes away (| head) is a write error, handled where we write.
  std::signal(SIGPIPE, SIG_IGN);
  CommandLine line;
  // In the order of the help.
  register_run(line);
  register_views(line);
  register_data(line);
  register_judging(line);
  register_doctor(line);
  register_providers(line);
  return line.run(argc, argv);
}

}  // namespace iie
