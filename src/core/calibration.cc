#include "core/calibration.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <utility>

#include "base/json.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kVersion = 1;

struct Count {
  const char* key;
  std::int64_t CalibrationCell::* member;
};
constexpr Count kCounts[] = {
    {"true_pass", &CalibrationCell::true_pass},
    {"false_fail", &CalibrationCell::false_fail},
    {"true_fail", &CalibrationCell::true_fail},
    {"false_pass", &CalibrationCell::false_pass},
    {"unscored_pass", &CalibrationCell::unscored_pass},
    {"unscored_fail", &CalibrationCell::unscored_fail},
    {"samples", &CalibrationCell::samples},
};

Result<CalibrationCell> read_cell(const bj::value& value, const std::string& where) {
  JsonFields fields(value, where);
  CalibrationCell cell;
  cell.type = fields.required_string("type");
  if (!cell.type.empty() && find_instruction_type(cell.type) == nullptr) {
    fields.reject("type", "no such instruction type");
  }
  if (fields.has("language")) {
    if (const auto language = parse_language(fields.required_string("language"))) {
      cell.language = *language;
    } else {
      fields.reject("language", language.error().message);
    }
  }
  cell.judge = fields.required_string("judge");
  cell.fingerprint = fields.required_string("fingerprint");
  for (const Count& count : kCounts) {
    const auto number = fields.optional_int(count.key);
    if (!number) fields.reject(count.key, "is missing");
    if (number.value_or(0) < 0) fields.reject(count.key, "is below 0");
    cell.*count.member = number.value_or(0);
  }
  IIE_CHECK_OK(fields.finish());
  return cell;
}

Result<Calibration> read(std::string_view json) {
  IIE_TRY(const bj::value document, parse_json(json));
  JsonFields fields(document, "");
  if (fields.optional_int("calibration") != kVersion) {
    return fail(ErrorKind::bad_input,
                "no calibration of this version: expected an object with \"calibration\": 1, as "
                "`inverse-ifeval calibrate` writes it");
  }
  Calibration calibration;
  calibration.tool_version = fields.string_or("tool_version", "");
  calibration.labels = fields.string_or("labels", "");
  calibration.labels_hash = fields.string_or("labels_hash", "");
  calibration.annotators = fields.optional_int("annotators").value_or(0);
  const bj::array* cells = fields.optional_array("cells");
  if (cells == nullptr) fields.reject("cells", "is missing");
  IIE_CHECK_OK(fields.finish());
  for (std::size_t i = 0; i < cells->size(); ++i) {
    const std::string where = "cells[" + std::to_string(i) + "]";
    IIE_TRY(CalibrationCell cell, read_cell((*cells)[i], where));
    if (calibration.find(cell.type, cell.language, cell.fingerprint) != nullptr) {
      return fail(ErrorKind::bad_input, where +
                                            ": a second cell of the same type, language and "
                                            "fingerprint");
    }
    calibration.cells.push_back(std::move(cell));
  }
  return calibration;
}

}  // namespace

const CalibrationCell* Calibration::find(std::string_view type, std::optional<Language> language,
                                         std::string_view fingerprint) const {
  const auto found = std::ranges::find_if(cells, [&](const CalibrationCell& cell) {
    return cell.type == type && cell.language == language && cell.fingerprint == fingerprint;
  });
  return found == cells.end() ? nullptr : &*found;
}

std::string calibration_to_json(const Calibration& calibration) {
  bj::array cells;
  for (const CalibrationCell& cell : calibration.cells) {
    bj::object one{{"type", cell.type}};
    if (cell.language) one.emplace("language", to_string(*cell.language));
    one.emplace("judge", cell.judge);
    one.emplace("fingerprint", cell.fingerprint);
    for (const Count& count : kCounts) one.emplace(count.key, cell.*count.member);
    cells.push_back(std::move(one));
  }
  bj::object out{{"calibration", kVersion},
                 {"tool_version", calibration.tool_version},
                 {"labels", calibration.labels},
                 {"labels_hash", calibration.labels_hash},
                 {"annotators", calibration.annotators},
                 {"cells", std::move(cells)}};
  return to_pretty_json(out);
}

Result<Calibration> calibration_from_json(std::string_view json, std::string_view name) {
  Result<Calibration> calibration = read(json);
  if (!calibration) calibration.error().message.insert(0, std::string(name) + ": ");
  return calibration;
}

}  // namespace iie
