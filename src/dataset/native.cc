// Native JSONL: core/sample.h owns the schema.
#include "core/sample_json.h"
#include "dataset/formats.h"
#include "dataset/reader.h"

namespace iie {
namespace {

Result<Sample> read(const boost::json::value& row) { return sample_from_json(row); }

}  // namespace

const RowFormat kNativeFormat{"native", read};

std::string native_jsonl(const Dataset& dataset) {
  std::string out;
  for (const Sample& sample : dataset.samples) {
    out += sample_to_json(sample);
    out += '\n';
  }
  return out;
}

}  // namespace iie
