// sample_from_json() for who has the document already: a row of a dataset is parsed once.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "core/sample.h"

namespace iie {

Result<Sample> sample_from_json(const boost::json::value& document);

}  // namespace iie
