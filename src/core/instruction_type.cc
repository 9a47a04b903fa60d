#include "core/instruction_type.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/embedded.h"
#include "base/json.h"
#include "base/string_util.h"

namespace iie {
namespace {

constexpr std::string_view kFile = "instruction_types.json";

struct Catalog {
  std::vector<InstructionType> types;
  std::vector<std::string> domains;
};

// The file is part of the binary: if it cannot be read, the build is broken.
[[noreturn]] void broken(std::string_view why) {
  std::fprintf(stderr, "bug: embedded %s: %s\n", std::string(kFile).c_str(),
               std::string(why).c_str());
  std::abort();
}

Result<Catalog> read_catalog(std::string_view text) {
  IIE_TRY(const boost::json::value document, parse_json(text));
  JsonFields fields(document, "");
  Catalog catalog;
  fields.ignore("schema");
  if (const auto* types = fields.optional_array("types")) {
    for (const auto& entry : *types) {
      JsonFields one(entry, fmt::format("types[{}]", catalog.types.size()));
      InstructionType type;
      type.code = one.required_string("code");
      type.name = one.required_string("name");
      type.name_zh = one.required_string("name_zh");
      type.convention = one.required_string("convention");
      type.passing = one.required_string("passing");
      type.paper_samples = static_cast<int>(one.optional_int("paper_samples").value_or(0));
      type.headline = one.bool_or("headline", true);
      IIE_CHECK_OK(one.finish());
      catalog.types.push_back(std::move(type));
    }
  }
  catalog.domains = fields.strings_or_empty("domains");
  IIE_CHECK_OK(fields.finish());
  return catalog;
}

const Catalog& catalog() {
  static const Catalog* const instance = [] {
    const auto text = embedded_file(kFile);
    if (!text) broken("missing");
    auto read = read_catalog(*text);
    if (!read) broken(read.error().message);
    return new Catalog(std::move(*read));
  }();
  return *instance;
}

// Names meet in lower case without spaces, hyphens and underscores.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '-' && c != '_') out.push_back(ascii_lower(c));
  }
  return out;
}

// The paper names the type with this addition, others without it.
constexpr std::string_view kOptionalSuffix = "(explicitconstraints)";

}  // namespace

const std::vector<InstructionType>& instruction_types() { return catalog().types; }

const std::vector<InstructionType>& headline_types() {
  static const auto* const instance = [] {
    auto* types = new std::vector<InstructionType>;
    for (const InstructionType& type : instruction_types()) {
      if (type.headline) types->push_back(type);
    }
    return types;
  }();
  return *instance;
}

bool is_headline(std::string_view code) {
  const InstructionType* const type = find_instruction_type(code);
  return type == nullptr || type->headline;
}

const InstructionType* find_instruction_type(std::string_view code) {
  for (const InstructionType& type : instruction_types()) {
    if (type.code == code) return &type;
  }
  return nullptr;
}

Result<std::string> parse_instruction_type(std::string_view text) {
  if (find_instruction_type(text) != nullptr) return std::string(text);  // as files write it
  std::string wanted = folded(trim(text));
  if (wanted.ends_with(kOptionalSuffix)) wanted.resize(wanted.size() - kOptionalSuffix.size());
  std::vector<std::string> known;
  for (const InstructionType& type : instruction_types()) {
    if (wanted == folded(type.code) || wanted == folded(type.name) || trim(text) == type.name_zh) {
      return type.code;
    }
    known.push_back(type.code);
  }
  for (const InstructionType& type : instruction_types()) known.push_back(type.name);
  std::string codes;
  for (const InstructionType& type : instruction_types()) codes += ' ' + type.code;
  return fail(ErrorKind::bad_input,
              fmt::format("unknown instruction type '{}'{} (types:{})", one_line(text, 60),
                          did_you_mean(text, known), codes));
}

const std::vector<std::string>& domains() { return catalog().domains; }

Result<std::string> parse_domain(std::string_view text) {
  const std::string wanted = folded(trim(text));
  for (const std::string& domain : domains()) {
    if (wanted == folded(domain)) return domain;
  }
  return fail(ErrorKind::bad_input,
              fmt::format("unknown domain '{}'{} (domains: {})", one_line(text, 60),
                          did_you_mean(text, domains()), join(domains(), ", ")));
}

std::string_view to_string(Language language) {
  return language == Language::english ? "english" : "chinese";
}

Result<Language> parse_language(std::string_view text) {
  const std::string wanted = ascii_lower(trim(text));
  if (wanted == "english" || wanted == "en") return Language::english;
  if (wanted == "chinese" || wanted == "zh" || wanted == "cn") return Language::chinese;
  return fail(ErrorKind::bad_input,
              fmt::format("unknown language '{}'{} (languages: english, chinese)",
                          one_line(text, 60), did_you_mean(text, {"english", "chinese"})));
}

}  // namespace iie
