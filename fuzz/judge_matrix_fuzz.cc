// Judge matrices on arbitrary bytes, as a file and as a run stores them: no crash, and what was
// read is read again from its own source, cell for cell.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/string_util.h"
#include "judge/matrix.h"

namespace {

// The one prompts file that a matrix finds, whatever it calls it.
iie::Result<std::string> prompts(const std::string& name) {
  if (name.empty() || name.find('\0') != name.npos) {
    return iie::fail(iie::ErrorKind::not_found, "no such file");
  }
  return "schema: 1\nprompts: [{type: any, user: '{prompt} {response}', format: answer_score}]\n";
}

void check(const iie::JudgeMatrix& matrix) {
  for (const iie::MatrixCell& cell : matrix.cells()) {
    if (cell.judges.empty()) std::abort();
    for (const std::string& judge : cell.judges) {
      if (!matrix.judges().contains(judge)) std::abort();
    }
  }
  const std::string source = matrix.source();
  const auto again = iie::matrix_from_json(source);
  if (!again || again->source() != source || again->cells().size() != matrix.cells().size() ||
      again->judges().size() != matrix.judges().size()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const char* model : {"", "openai:m"}) {
    const auto matrix = iie::load_matrix(bytes, "fuzz", model, prompts);
    if (matrix) {
      check(*matrix);
    } else if (matrix.error().kind == iie::ErrorKind::bug ||
               matrix.error().message.find('\n') != std::string::npos ||
               !iie::is_valid_utf8(matrix.error().message)) {
      std::abort();
    }
  }
  (void)iie::matrix_from_json(bytes);
  return 0;
}
