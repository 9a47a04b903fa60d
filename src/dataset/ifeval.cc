// IFEval and IFBench: a prompt and the verifiable instructions in it.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <utility>

#include "base/json.h"
#include "base/string_util.h"
#include "dataset/formats.h"

namespace iie {
namespace {

namespace bj = boost::json;

// Tables write every parameter that any instruction knows; the null ones were never set.
std::string set_parameters(const bj::object& kwargs) {
  bj::object kept;
  for (const auto& field : kwargs) {
    if (!field.value().is_null()) kept.emplace(field.key(), field.value());
  }
  return to_canonical_json(kept);
}

Result<Sample> read_row(const bj::value& row, Sample sample) {
  JsonFields fields(row, "");
  sample.id = read_id(fields, "key", &sample.numeric_id);
  if (sample.id.empty()) fields.reject("key", "missing");
  const std::string prompt = fields.required_string("prompt");
  const bj::array* ids = fields.optional_array("instruction_id_list");
  const bj::array* kwargs = fields.optional_array("kwargs");
  if (ids == nullptr || ids->empty()) {
    fields.reject("instruction_id_list", "expected at least one instruction");
  }
  if (fields.ok() && kwargs != nullptr && kwargs->size() != ids->size()) {
    fields.reject("kwargs",
                  fmt::format("expected one entry for each of the {} instructions, got {}",
                              ids->size(), kwargs->size()));
  }
  IIE_CHECK_OK(fields.finish(true));

  for (std::size_t i = 0; i < ids->size(); ++i) {
    const bj::value& id = (*ids)[i];
    if (!id.is_string()) {
      return fail(ErrorKind::bad_input, fmt::format("instruction_id_list[{}]: expected a string, "
                                                    "got {}",
                                                    i, json_type_name(id)));
    }
    Instruction instruction{std::string(id.get_string()), "{}"};
    if (kwargs != nullptr && (*kwargs)[i].is_object()) {
      instruction.kwargs = set_parameters((*kwargs)[i].get_object());
    } else if (kwargs != nullptr && !(*kwargs)[i].is_null()) {
      return fail(ErrorKind::bad_input, fmt::format("kwargs[{}]: expected an object, got {}", i,
                                                    json_type_name((*kwargs)[i])));
    }
    sample.instructions.push_back(std::move(instruction));
  }
  sample.language = guess_sample_language(prompt);
  sample.question.messages.push_back({Role::user, prompt});
  return sample;
}

// Names the key beside the place: what people look for in such files.
Result<Sample> read(const bj::value& row) {
  Result<Sample> sample = read_row(row, {});
  if (sample || !row.is_object()) return sample;
  JsonFields fields(row, "");
  const std::string key = read_id(fields, "key");
  Error error = std::move(sample).error();
  if (!key.empty()) error.message = fmt::format("key {}: {}", one_line(key, 60), error.message);
  return std::unexpected(std::move(error));
}

}  // namespace

const RowFormat kIfevalFormat{"ifeval", read};

}  // namespace iie
