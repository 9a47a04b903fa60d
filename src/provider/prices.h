// What models cost, from data/prices.yaml and the user's --prices FILE.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/price.h"

namespace iie {

class PriceList {
 public:
  // The list that the program carries.
  static Result<PriceList> embedded();
  // The same with the entries of `file` in front ("" for none): the first that fits counts. Errors
  // name the file and line: bad_input for unknown or missing fields, and for prices that are none.
  static Result<PriceList> load(const std::string& file);
  static Result<PriceList> parse(std::string_view yaml, const std::string& name);

  // Of a model as runs name it ("openai:gpt-4.1") at an endpoint ("https://api.openai.com/v1").
  // Absent: unknown.
  std::optional<Price> find(std::string_view model, std::string_view endpoint) const;

 private:
  struct Entry {
    std::vector<std::string> models;
    std::string endpoint;  // host, or empty for any
    Price price;
  };
  std::vector<Entry> entries_;
};

}  // namespace iie
