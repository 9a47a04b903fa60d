// Recordings: any file gives a recording, all of whose calls can be read again, or one line that
// says what is wrong.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/recording.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("recording", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (file < 0 || ::ftruncate(file, 0) != 0) std::abort();
  if (::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  auto recording = iie::Recording::load(path);
  if (!recording) {
    if (recording.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  iie::GenerateRequest request;
  request.sample_id = "s";
  // The seeds' key.
  (void)recording->next("k", request);
  (void)recording->next("k", request);
  return 0;
}
