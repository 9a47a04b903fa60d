// File descriptors: each connection is one, and the usual soft limit of 1,024 is soon reached.
#pragma once

#include <cstddef>

#include "base/error.h"

namespace iie {

// Raises the process's soft limit to its hard limit and returns the limit now in force. Call once,
// before the transport is made. An error (busy) only where the system refuses to say or to raise;
// the old limit then stays in force.
Result<std::size_t> raise_file_limit();

// The soft limit in force.
std::size_t file_limit();

// Transfers at once that the limit leaves room for, at least 1: each may keep two connections open
// (a candidate's and a judge's endpoint alternate without closing each other's), and the store,
// files, pipes and the resolver need some.
std::size_t transfers_allowed();

}  // namespace iie
