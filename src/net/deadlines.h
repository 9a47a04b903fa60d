// A transport with the deadlines that its user chose, whatever the request's maker had in mind.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "net/transport.h"

namespace iie {

struct Deadlines {
  // As in HttpRequest. None is later than the total.
  std::chrono::milliseconds total{600'000};
  std::chrono::milliseconds connect{20'000};
  std::chrono::milliseconds idle{300'000};
  // Absent: the request's own, which knows whether the answer is streamed. Where it is not, the
  // first byte comes with the last. Zero: none.
  std::optional<std::chrono::milliseconds> first_byte;
};

// Sets them on every request and sends it through `inner`.
std::unique_ptr<Transport> with_deadlines(std::unique_ptr<Transport> inner, Deadlines deadlines);

}  // namespace iie
