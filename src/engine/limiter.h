// A counting semaphore for coroutines: how many calls may be under way at one endpoint.
//
// One thread (the event loop's). Waiters are served in order of arrival.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "base/async.h"

namespace iie {

class Limiter {
 public:
  // Holds one unit of the capacity until it is destroyed.
  class Permit {
   public:
    explicit Permit(Limiter* limiter) : limiter_(limiter) {}
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&& other) noexcept;
    ~Permit();

   private:
    Limiter* limiter_;
  };

  explicit Limiter(std::size_t capacity) : capacity_(capacity) {}
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  // A unit if one is free at once.
  std::optional<Permit> try_acquire();
  // Waits for a unit; nullopt once closed. To be awaited at once.
  Async<std::optional<Permit>> acquire();
  // Turns away everyone who waits and everyone who comes. Permits that are out stay good.
  void close();

  // More places are given to who waits at once; fewer are reached as permits come back.
  void set_capacity(std::size_t capacity);

  bool closed() const { return closed_; }
  // Whether try_acquire() would give a unit.
  bool has_room() const { return !closed_ && in_use_ < capacity_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t in_use() const { return in_use_; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  Async<std::optional<Permit>> acquire_at_once();
  void release();

  std::size_t capacity_;
  std::size_t in_use_ = 0;
  bool closed_ = false;
  // Each resumes one coroutine: with a unit handed over (true), or because of close() (false).
  std::deque<std::move_only_function<void(bool)>> waiters_;
};

}  // namespace iie
