#include "cli/app.h"

// What jemalloc, where it is linked (CMakeLists.txt), reads before main. One arena, for the threads
// hand their memory to one another anyway; and what they free goes back to the system soon, or the
// peak of some moment would be kept for ten seconds.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:200,muzzy_decay_ms:0";
}

int main(int argc, char** argv) { return iie::run_app(argc, argv); }
